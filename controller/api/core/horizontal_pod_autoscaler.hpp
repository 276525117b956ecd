#pragma once

#include "controller/api/kind.hpp"
#include "controller/api/object_meta.hpp"
#include "controller/api/scaling_policy.hpp"

namespace chatflow::api {

struct HorizontalPodAutoscalerSpec {
    TargetRef scale_target_ref;
    bool operator==(const HorizontalPodAutoscalerSpec&) const = default;
};

/// autoscaling/v2 HorizontalPodAutoscaler: only whom it scales, to tell when two want one target.
struct HorizontalPodAutoscaler {
    ObjectMeta metadata;
    HorizontalPodAutoscalerSpec spec;
    bool operator==(const HorizontalPodAutoscaler&) const = default;
};

template <>
struct KindTraits<HorizontalPodAutoscaler> {
    static constexpr std::string_view kGroup = "autoscaling";
    static constexpr std::string_view kVersion = "v2";
    static constexpr std::string_view kPlural = "horizontalpodautoscalers";
    static constexpr std::string_view kKind = "HorizontalPodAutoscaler";
    static constexpr bool kNamespaced = true;
    static HorizontalPodAutoscaler decode(const nlohmann::json& object);
    static nlohmann::json encode(const HorizontalPodAutoscaler& autoscaler);
};

}  // namespace chatflow::api
