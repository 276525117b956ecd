#pragma once

#include "controller/api/boxed.hpp"
#include "controller/api/core/interned.hpp"
#include "controller/api/core/label_selector.hpp"
#include "controller/api/kind.hpp"
#include "controller/api/object_meta.hpp"
#include "controller/api/scaling_decision.hpp"
#include "controller/api/scaling_drain.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace chatflow::api {

// The annotations of a pod that drains before a scale-down: since when (RFC 3339), by which policy
// of its namespace, and where it was asked ("9090/drain").
inline constexpr const char* kDrainingSince = "chatflow.dev/draining-since";
inline constexpr const char* kDrainingFor = "chatflow.dev/draining-for";
inline constexpr const char* kDrainingAt = "chatflow.dev/draining-at";

/// What these annotations say.
struct DrainMark {
    TimePoint since{};
    std::string policy;
    std::optional<DrainEndpoint> endpoint;
    bool operator==(const DrainMark&) const = default;
};

[[nodiscard]] std::optional<DrainMark> drain_mark_in(
    const std::map<std::string, std::string>& annotations);

/// With whole seconds of `since`, as the annotation has them.
[[nodiscard]] std::map<std::string, std::string> annotations_of(const DrainMark& mark);

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
    bool is_held_back = false;  // a container ended often, and its kubelet waits: CrashLoopBackOff
    std::optional<TimePoint> ready_transition_time;
    std::optional<TimePoint> start_time;
    Boxed<DrainMark> drain;  // from its annotations
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
