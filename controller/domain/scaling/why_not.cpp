#include "controller/domain/scaling/why_not.hpp"

#include "controller/domain/scaling/controls.hpp"
#include "controller/domain/scaling/decide.hpp"
#include "controller/domain/scaling/history.hpp"
#include "controller/domain/scaling/limits.hpp"
#include "controller/domain/scaling/outlook.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>

namespace chatflow::scaling {
namespace {

using api::LimitedBy;
using api::MetricVerdict;
using api::ScaleDirection;

bool goes(ScaleDirection direction, std::int32_t from, std::int32_t to) {
    return direction == ScaleDirection::Up ? to > from : to < from;
}

/// One pod that way, or as many as the metrics ask for already.
std::int32_t wish(const api::Decision& decision, ScaleDirection direction) {
    const std::int32_t replicas = decision.replicas;
    if (direction == ScaleDirection::Down) {
        return std::clamp(decision.uncapped, 0, std::max(replicas - 1, 0));
    }
    const std::int32_t next =
        replicas < std::numeric_limits<std::int32_t>::max() ? replicas + 1 : replicas;
    return std::max(decision.uncapped, next);
}

/// What the metric that decides says; up, and without data down too, the first that is silent.
std::string demand_of(const api::Decision& decision) {
    const api::MetricOutcome* greatest = nullptr;
    for (const api::MetricOutcome& metric : decision.metrics) {
        if (metric.verdict == MetricVerdict::NoData) return metric.message;
        if (greatest == nullptr || metric.proposal > greatest->proposal) greatest = &metric;
    }
    return greatest == nullptr ? decision.message : greatest->message;
}

/// Rules that time alone does not end.
std::optional<Hindrance> standing(const api::Decision& decision, ScaleDirection direction) {
    if (decision.reason == api::DecisionReason::ScalingDisabled) {
        return Hindrance{LimitedBy::None, decision.message, std::nullopt};
    }
    if (direction == ScaleDirection::Down && decision.limited_by == LimitedBy::Drain) {
        return Hindrance{LimitedBy::Drain, "connections have to end first (spec.drain)",
                         std::nullopt};
    }
    const auto silent =
        std::ranges::find(decision.metrics, MetricVerdict::NoData, &api::MetricOutcome::verdict);
    if (direction == ScaleDirection::Down && silent != decision.metrics.end()) {
        return Hindrance{
            LimitedBy::MissingMetrics,
            fmt::format("no pod goes while {} has no data ({})", silent->name, silent->reason),
            std::nullopt};
    }
    return std::nullopt;
}

void add(std::vector<Hindrance>& hindrances, LimitedBy by, std::string message, TimePoint at) {
    if (!hindrances.empty() && hindrances.back().by == by && hindrances.back().message == message) {
        return;
    }
    if (!hindrances.empty()) hindrances.back().until = at;
    hindrances.push_back({by, std::move(message), std::nullopt});
}

void look_ahead(WhyNot& answer, const api::ScalingPolicy& policy) {
    const api::DecisionRecord& record = *policy.status.last_decision;
    const std::int32_t replicas = record.decision.replicas;
    const std::chrono::seconds period{policy.spec.evaluation_period_seconds};
    const TimePoint end = record.observation.now + kOutlookSpan;
    api::Observation ahead{.now = record.observation.now,
                           .replicas = {replicas, replicas},
                           .history = policy.status.history,
                           .proposal = wish(record.decision, answer.direction),
                           .freeze = record.observation.freeze};
    while ((ahead.now += period) <= end) {
        const api::Decision decision = decide(policy.spec, ahead);
        if (goes(answer.direction, replicas, decision.replicas)) {
            answer.earliest = ahead.now;
            if (!answer.hindrances.empty()) answer.hindrances.back().until = ahead.now;
            return;
        }
        add(answer.hindrances, decision.limited_by, limit_message(policy.spec, decision),
            ahead.now);
        const bool is_bound = decision.limited_by == LimitedBy::MinReplicas ||
                              decision.limited_by == LimitedBy::MaxReplicas;
        if (is_bound && !next_control_change(policy.spec, ahead, end)) return;
        ahead.history = advance(ahead.history, policy.spec, ahead, decision, Applied::No);
    }
}

}  // namespace

std::optional<WhyNot> why_not(const api::ScalingPolicy& policy, ScaleDirection direction) {
    const auto& record = policy.status.last_decision;
    if (!record || record->generation != policy.metadata.generation ||
        !policy.spec_errors.empty()) {
        return std::nullopt;
    }
    const api::Decision& decision = record->decision;
    WhyNot answer{.direction = direction,
                  .is_asked_for = goes(direction, decision.replicas, decision.uncapped),
                  .demand = demand_of(decision)};
    if (auto hindrance = standing(decision, direction)) {
        answer.hindrances.push_back(*std::move(hindrance));
    } else {
        look_ahead(answer, policy);
    }
    return answer;
}

}  // namespace chatflow::scaling
