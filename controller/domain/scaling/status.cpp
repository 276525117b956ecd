#include "controller/domain/scaling/status.hpp"

#include "controller/domain/scaling/conditions.hpp"
#include "libs/base/text.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

namespace chatflow::scaling {
namespace {

api::DecisionRecord record_of(const api::ScalingPolicy& policy, const api::Observation& seen,
                              const api::Decision& decision) {
    api::DecisionRecord record{.generation = policy.metadata.generation,
                               .observation = seen,
                               .decision = decision,
                               .pods_omitted = seen.pods.size() > api::kRecordedPodsMax};
    if (record.pods_omitted) {
        record.observation.pods.clear();
        record.observation.metrics.clear();
    }
    return record;
}

std::optional<std::int32_t> utilization_of(const api::Decision& decision) {
    const auto measured = std::ranges::find_if(decision.metrics, [](const auto& metric) {
        return metric.utilization_percent.has_value();
    });
    return measured == decision.metrics.end() ? std::nullopt : measured->utilization_percent;
}

void merge(std::vector<api::Condition>& into, std::vector<api::Condition> conditions) {
    for (api::Condition& condition : conditions) {
        api::set_condition(into, std::move(condition));
    }
}

bool says_the_same(const std::vector<api::Condition>& a, const std::vector<api::Condition>& b) {
    return std::ranges::equal(a, b, [](const api::Condition& x, const api::Condition& y) {
        return x.type == y.type && x.status == y.status && x.reason == y.reason &&
               x.observed_generation == y.observed_generation;
    });
}

/// What a new leader would take for recommended last.
std::int32_t last_recommended(const api::ScalingPolicyStatus& status) {
    const auto& all = status.history.recommendations;
    return all.empty() ? 0 : all.back().replicas;
}

/// Also where it was written later than now, as the clock was stepped back.
bool is_older_than(std::chrono::seconds age, TimePoint written, TimePoint now) {
    return now - written >= age || written > now;
}

bool moved(std::optional<std::int32_t> before, std::optional<std::int32_t> after) {
    return before.has_value() != after.has_value() ||
           (before && std::abs(std::int64_t{*after} - *before) >= kUtilizationStep);
}

}  // namespace

std::optional<TimePoint> metrics_missing_since(const api::ScalingPolicyStatus& status) {
    const api::Condition* condition = api::find_condition(status.conditions, kMetricsAvailable);
    return condition != nullptr && condition->status == api::ConditionStatus::False
               ? std::optional{condition->last_transition_time}
               : std::nullopt;
}

std::optional<TimePoint> decided_at(const api::ScalingPolicyStatus& status) {
    return status.last_decision ? std::optional{status.last_decision->observation.now}
                                : std::nullopt;
}

api::ScaleChange change_of(const api::ScalingPolicy& policy, const api::Observation& seen,
                           const api::Decision& decision) {
    return {.at = seen.now,
            .generation = policy.metadata.generation,
            .from = seen.replicas.spec,
            .to = decision.replicas,
            .uncapped = decision.uncapped,
            .reason = decision.reason,
            .limited_by = decision.limited_by,
            .message = std::string(cut(decision.message, kChangeMessageMax)),
            .history = seen.history};
}

api::ScalingPolicyStatus with_changes(api::ScalingPolicyStatus status,
                                      std::span<const api::ScaleChange> made) {
    if (made.empty()) return status;
    auto& changes = status.changes;
    changes.insert(changes.end(), made.begin(), made.end());
    if (changes.size() > api::kChangesMax) {
        changes.erase(changes.begin(), changes.end() - api::kChangesMax);
    }
    status.last_scale_time = changes.back().at;
    return status;
}

api::ScalingPolicyStatus next_status(const api::ScalingPolicy& policy, const api::Observation& seen,
                                     const api::Decision& decision, Applied applied) {
    api::ScalingPolicyStatus status = policy.status;
    status.observed_generation = policy.metadata.generation;
    status.current_replicas = seen.replicas.status;
    status.desired_replicas = decision.replicas;
    status.utilization_percent = utilization_of(decision);
    if (applied == Applied::Yes && decision.replicas != seen.replicas.spec) {
        const std::array made = {change_of(policy, seen, decision)};
        status = with_changes(std::move(status), made);
    }
    status.bounds = decision.bounds.value_or(
        api::ReplicaBounds{policy.spec.min_replicas, policy.spec.max_replicas});
    status.last_decision = record_of(policy, seen, decision);
    status.history = advance(seen.history, policy.spec, seen, decision, applied);
    merge(status.conditions, conditions_for(policy, seen, decision, seen.now));
    return status;
}

api::Observation case_of(const api::ScaleChange& change) {
    return {.now = change.at,
            .replicas = {change.from, change.from},
            .history = change.history,
            .proposal = change.uncapped};
}

api::ScalingPolicyStatus stalled_status(const api::ScalingPolicy& policy, const std::string& reason,
                                        const std::string& message, TimePoint now) {
    api::ScalingPolicyStatus status = policy.status;
    status.observed_generation = policy.metadata.generation;
    merge(status.conditions, stalled_conditions(policy, reason, message, now));
    return status;
}

void drop_inputs(api::ScalingPolicyStatus& status) {
    if (!status.last_decision) return;
    api::DecisionRecord& record = *status.last_decision;
    // A whole new value: a vector that is assigned `{}` keeps its memory, a kilobyte a policy.
    api::Observation& seen = record.observation;
    seen = {.now = seen.now,
            .replicas = seen.replicas,
            .proposal = seen.proposal,
            .metrics_missing_since = seen.metrics_missing_since,
            .freeze = std::move(seen.freeze),
            .forecast = std::move(seen.forecast)};
    record.decision.metrics = std::vector<api::MetricOutcome>();
    record.pods_omitted = true;
}

void drop_messages(api::ScalingPolicyStatus& status) {
    for (api::Condition& condition : status.conditions) std::string().swap(condition.message);
}

bool is_routine(const api::ScalingPolicyStatus& old, const api::ScalingPolicyStatus& next) {
    if (!old.last_decision) return next.last_scale_time == old.last_scale_time;
    return old.desired_replicas == next.desired_replicas &&
           old.last_scale_time == next.last_scale_time &&
           old.last_decision->decision.reason == next.last_decision->decision.reason &&
           last_recommended(next) <= last_recommended(old) &&
           says_the_same(old.conditions, next.conditions);
}

bool worth_writing(const api::ScalingPolicyStatus& old, const api::ScalingPolicyStatus& next,
                   TimePoint now, std::chrono::seconds interval) {
    if (old == next) {
        return false;
    }
    if (old.last_decision.has_value() != next.last_decision.has_value()) {
        return true;
    }
    if (old.last_decision) {
        const api::Decision& before = old.last_decision->decision;
        const api::Decision& after = next.last_decision->decision;
        if (before.reason != after.reason || before.limited_by != after.limited_by ||
            before.controls != after.controls ||
            is_older_than(interval, old.last_decision->observation.now, now)) {
            return true;
        }
    }
    return old.observed_generation != next.observed_generation ||
           old.current_replicas != next.current_replicas ||
           old.desired_replicas != next.desired_replicas || old.selector != next.selector ||
           old.bounds != next.bounds || old.history.idle_since != next.history.idle_since ||
           old.history.rebalanced_at != next.history.rebalanced_at ||
           old.last_scale_time != next.last_scale_time ||
           last_recommended(next) > last_recommended(old) ||
           moved(old.utilization_percent, next.utilization_percent) ||
           !says_the_same(old.conditions, next.conditions);
}

}  // namespace chatflow::scaling
