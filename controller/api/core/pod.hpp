#pragma once

#include "controller/api/core/interned.hpp"
#include "controller/api/core/label_selector.hpp"
#include "controller/api/kind.hpp"
#include "controller/api/object_meta.hpp"
#include "controller/api/scaling_decision.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace chatflow::api {

/// The annotation that says since when a pod drains before a scale-down; RFC 3339.
inline constexpr const char* kDrainingSince = "chatflow.dev/draining-since";

/// What pods of one template have in common.
struct PodShape {
    std::map<std::string, Quantity> requests;  // spec.resources.requests: of the pod as a whole
    std::vector<CaseContainer> containers;     // restartable init containers included
    bool operator==(const PodShape&) const = default;
};

template <>
struct InternHash<Labels> {
    static std::size_t of(const Labels& labels);
};
template <>
struct InternHash<PodShape> {
    static std::size_t of(const PodShape& shape);
};
template <>
struct InternHash<OwnerReference> {
    static std::size_t of(const OwnerReference& owner);
};
template <>
struct InternHash<std::string> {
    static std::size_t of(const std::string& text);
};

/// v1 Pod, cut down to what scaling needs: under 1 KiB in a cache, where the whole object takes
/// about 36 KiB. `metadata` has no labels, annotations, owners or finalizers: what pods share is
/// interned beside it.
struct Pod {
    ObjectMeta metadata;
    Interned<Labels> labels;
    Interned<OwnerReference> owner;  // the controlling one; its uid is empty without one
    Interned<PodShape> shape;
    Interned<std::string> node_name;  // empty until scheduled
    std::string pod_ip;
    PodPhase phase = PodPhase::Pending;
    ReadyStatus ready = ReadyStatus::Absent;
    std::optional<TimePoint> ready_transition_time;
    std::optional<TimePoint> start_time;
    std::optional<TimePoint> draining_since;  // kDrainingSince, among its annotations
    bool operator==(const Pod&) const = default;
};

/// The pod as a decision sees it.
[[nodiscard]] CasePod case_pod(const Pod& pod);

template <>
struct KindTraits<Pod> {
    static constexpr std::string_view kGroup = "";
    static constexpr std::string_view kVersion = "v1";
    static constexpr std::string_view kPlural = "pods";
    static constexpr std::string_view kKind = "Pod";
    static constexpr bool kNamespaced = true;
    static Pod decode(const nlohmann::json& object);
    static nlohmann::json encode(const Pod& pod);
};

}  // namespace chatflow::api
