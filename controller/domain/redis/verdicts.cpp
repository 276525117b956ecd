#include "controller/domain/redis/verdicts.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace chatflow::redis_topology {

void Verdicts::set(std::string_view type, const Verdict& verdict) {
    api::set_condition(status_.conditions, {.type = std::string(type),
                                            .status = verdict.holds ? api::ConditionStatus::True
                                                                    : api::ConditionStatus::False,
                                            .observed_generation = topology_.metadata.generation,
                                            .last_transition_time = now_,
                                            .reason = verdict.reason,
                                            .message = verdict.message});
}

void Verdicts::set_of_pods(std::string_view type, const Verdict& verdict) {
    if (!topology_.spec.hibernated) return set(type, verdict);
    set(type, {false, "Hibernated", "Not while the topology hibernates."});
}

void Verdicts::set_or_remove(std::string_view type, const std::optional<Verdict>& verdict) {
    if (verdict) return set(type, *verdict);
    if (topology_.spec.paused) return;  // nobody has looked
    std::erase_if(status_.conditions,
                  [type](const api::Condition& condition) { return condition.type == type; });
}

void Verdicts::summarise(std::initializer_list<const Verdict*> verdicts, std::size_t pods) {
    Verdict ready{true, "Ready", "The topology is as it is wanted."};
    Verdict reconciling{false, "Ready", "Nothing is left to do."};
    const auto bad = std::ranges::find_if(verdicts, [](auto* verdict) { return !verdict->holds; });
    if (bad != verdicts.end()) {
        ready = **bad;
        reconciling = {true, ready.reason, ready.message};
    }
    if (topology_.spec.hibernated) {
        ready = {false, "Hibernated",
                 topology_.spec.appendonly
                     ? "No pods, as spec.hibernated asks; the volumes keep the data."
                     : "No pods, as spec.hibernated asks; without appendonly no key is kept."};
        reconciling = {false, "Hibernated", "Nothing is left to do."};
        if (pods > 0) reconciling = {true, "Hibernating", fmt::format("{} pods end.", pods)};
    }
    if (topology_.spec.paused) {
        reconciling = {false, "Paused", "The operator changes nothing, as spec.paused asks."};
    }
    set("Ready", ready);
    set("Reconciling", reconciling);
    set("Stalled", {false, "CanBeCarriedOut", "Nothing stands in the way."});
}

Verdict queue_safe(const Observed& seen) {
    if (seen.queues.empty()) return {true, "NoQueueAtRisk", "No queue is at risk here."};
    return {false, "QueueOnEvictingRedis",
            fmt::format("Queues of BullMQ lose jobs when keys are evicted: {}. Move them to a "
                        "topology with role queue.",
                        fmt::join(seen.queues, ", "))};
}

Verdict config_applied(const Outcome& outcome, const std::string& pending) {
    if (!outcome.config_error.empty()) return {false, "SettingRefused", outcome.config_error};
    if (!outcome.step_error.empty()) return {false, "StepFailed", outcome.step_error};
    if (outcome.objects_changed) {
        return {false, "InProgress", "The objects have just been changed."};
    }
    if (!pending.empty()) return {false, "InProgress", pending};
    return {true, "Applied", "Every node has the settings of the spec."};
}

}  // namespace chatflow::redis_topology
