#include "controller/reconcilers/scaling/drain_marks.hpp"

#include "controller/api/names.hpp"
#include "controller/clients/kube/api_error.hpp"

#include <utility>

#include <nlohmann/json.hpp>

namespace chatflow {
namespace {

using nlohmann::json;

constexpr const char* kManager = "chatflow-drain";
constexpr const char* kDeletionCost = "controller.kubernetes.io/pod-deletion-cost";
constexpr const char* kCostBefore = "chatflow.dev/deletion-cost-before";
constexpr const char* kVictimCost = "-1000";  // pods without the annotation have 0

kube::Resource at(const api::ObjectKey& pod) {
    return kube::core_resource("pods", pod.name_space, pod.name);
}

json annotations_in(const json& pod) {
    return pod.at("metadata").value("annotations", json::object());
}

}  // namespace

awaitable<void> DrainMarks::set(api::ObjectKey pod, api::DrainMark mark, Deadline deadline) {
    const auto found = co_await kube_.get(at(pod), deadline);
    if (!found) co_return;
    const json present = annotations_in(*found);
    json annotations = api::annotations_of(mark);
    annotations[kDeletionCost] = kVictimCost;
    const auto cost = present.find(kDeletionCost);
    const bool is_ours =
        present.contains(api::kDrainingSince) && cost != present.end() && *cost == kVictimCost;
    if (cost != present.end() && !is_ours) annotations[kCostBefore] = *cost;
    co_await patch(std::move(pod), std::move(annotations), deadline);
}

awaitable<void> DrainMarks::take_back(api::ObjectKey pod, Deadline deadline) {
    const auto found = co_await kube_.get(at(pod), deadline);
    if (!found) co_return;
    const json present = annotations_in(*found);
    json annotations{{api::kDrainingSince, nullptr},
                     {api::kDrainingFor, nullptr},
                     {api::kDrainingAt, nullptr},
                     {kCostBefore, nullptr}};
    // A cost that somebody has set meanwhile is his.
    if (present.value(kDeletionCost, "") == kVictimCost) {
        const auto before = present.find(kCostBefore);
        annotations[kDeletionCost] = before == present.end() ? json() : *before;
    }
    co_await patch(std::move(pod), std::move(annotations), deadline);
}

awaitable<void> DrainMarks::patch(api::ObjectKey pod, json annotations, Deadline deadline) {
    json change{{"metadata", {{"annotations", std::move(annotations)}}}};
    try {
        co_await kube_.merge_patch(at(pod), std::move(change), {.field_manager = kManager},
                                   deadline);
    } catch (const kube::ApiError& error) {
        if (!error.is_not_found()) throw;
    }
}

}  // namespace chatflow
