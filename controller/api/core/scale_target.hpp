#pragma once

#include "controller/api/kind.hpp"
#include "controller/api/object_meta.hpp"

#include <cstdint>
#include <string>

namespace chatflow::api {

/// What scaling reads of an object of apps/v1: the same as its scale subresource shows, so that a
/// watch can stand in for reading that. `metadata` has no labels, annotations, owners or
/// finalizers: a cache of 10,000 of them stays small.
struct ScaleTarget {
    ObjectMeta metadata;
    std::int32_t replicas = 0;         // spec.replicas
    std::int32_t status_replicas = 0;  // status.replicas
    std::string selector;              // of its pods, serialized: "app=chat-server"
    bool operator==(const ScaleTarget&) const = default;
};

/// Throws DecodeError for what is no object with a name.
[[nodiscard]] ScaleTarget decode_scale_target(const nlohmann::json& object);

struct ScaledDeployment : ScaleTarget {};
struct ScaledStatefulSet : ScaleTarget {};

/// Read only: writing goes through the scale subresource.
template <class K>
struct ScaleTargetTraits {
    static constexpr std::string_view kGroup = "apps";
    static constexpr std::string_view kVersion = "v1";
    static constexpr bool kNamespaced = true;
    static K decode(const nlohmann::json& object) { return {decode_scale_target(object)}; }
    static nlohmann::json encode(const K& target);
};

template <>
struct KindTraits<ScaledDeployment> : ScaleTargetTraits<ScaledDeployment> {
    static constexpr std::string_view kPlural = "deployments";
    static constexpr std::string_view kKind = "Deployment";
};

template <>
struct KindTraits<ScaledStatefulSet> : ScaleTargetTraits<ScaledStatefulSet> {
    static constexpr std::string_view kPlural = "statefulsets";
    static constexpr std::string_view kKind = "StatefulSet";
};

}  // namespace chatflow::api
