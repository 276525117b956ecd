#pragma once

#include "controller/api/kind.hpp"
#include "controller/api/object_meta.hpp"

#include <cstdint>
#include <string>

namespace chatflow::api {

struct ScaleSpec {
    std::int32_t replicas = 0;
    bool operator==(const ScaleSpec&) const = default;
};

struct ScaleStatus {
    std::int32_t replicas = 0;
    std::string selector;  // serialized: "app=chat-server,tier in (web)"
    bool operator==(const ScaleStatus&) const = default;
};

/// autoscaling/v1 Scale: the view of any scalable object through its /scale subresource.
struct Scale {
    ObjectMeta metadata;
    ScaleSpec spec;
    ScaleStatus status;
    bool operator==(const Scale&) const = default;
};

/// There is no collection of Scales; kPlural is the name of the subresource.
template <>
struct KindTraits<Scale> {
    static constexpr std::string_view kGroup = "autoscaling";
    static constexpr std::string_view kVersion = "v1";
    static constexpr std::string_view kPlural = "scale";
    static constexpr std::string_view kKind = "Scale";
    static constexpr bool kNamespaced = true;
    static Scale decode(const nlohmann::json& object);
    /// Writes spec alone: status is the API server's.
    static nlohmann::json encode(const Scale& scale);
};

}  // namespace chatflow::api
