#include "controller/domain/scaling/events.hpp"

#include "controller/api/names.hpp"
#include "controller/domain/scaling/controls.hpp"
#include "controller/domain/scaling/metric_message.hpp"
#include "controller/domain/scaling/status.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace chatflow::scaling {
namespace {

using api::DecisionReason;

bool reason_was(const api::ScalingPolicyStatus& old, DecisionReason reason) {
    return old.last_decision && old.last_decision->decision.reason == reason;
}

void note_rescale(std::vector<EventNote>& notes, const api::ScalingPolicyStatus& old,
                  const api::Observation& seen, const api::Decision& decision, Applied applied) {
    const std::int32_t from = seen.replicas.spec;
    if (decision.replicas == from) {
        return;
    }
    // Some decisions say from where to where already.
    const auto step = fmt::format("{} → {}", from, pods_text(decision.replicas));
    std::string message = decision.message.contains(step)
                              ? decision.message
                              : fmt::format("{}: {}", step, decision.message);
    if (applied == Applied::Yes) {
        notes.push_back({false, "SuccessfulRescale", std::move(message)});
    } else if (old.desired_replicas != decision.replicas) {
        notes.push_back({false, "WouldRescale", std::move(message)});
    }
}

/// "OverrideBegan", "ScheduleEnded", …
void note_controls(std::vector<EventNote>& notes, const api::ScalingPolicyStatus& old,
                   const api::Decision& decision) {
    static const std::vector<api::ActiveControl> kNone;
    const auto& before = old.last_decision ? old.last_decision->decision.controls : kNone;
    const auto has = [](const std::vector<api::ActiveControl>& all,
                        const api::ActiveControl& wanted) {
        return std::ranges::any_of(all, [&](const api::ActiveControl& control) {
            return control.type == wanted.type && control.name == wanted.name;
        });
    };
    for (const api::ActiveControl& control : decision.controls) {
        if (has(before, control)) continue;
        notes.push_back(
            {false, std::string(to_string(control.type)) + "Began", control_text(control)});
    }
    for (const api::ActiveControl& control : before) {
        if (has(decision.controls, control)) continue;
        notes.push_back(
            {false, std::string(to_string(control.type)) + "Ended", ended_text(control)});
    }
}

void note_metrics(std::vector<EventNote>& notes, const api::ScalingPolicyStatus& old,
                  const api::Decision& decision) {
    if (decision.metrics.empty()) {
        return;
    }
    const auto missing = std::ranges::find(decision.metrics, api::MetricVerdict::NoData,
                                           &api::MetricOutcome::verdict);
    const bool were_missing = metrics_missing_since(old).has_value();
    if (missing != decision.metrics.end() && !were_missing) {
        notes.push_back({true, "MetricsUnavailable",
                         fmt::format("{} ({})", missing->message, missing->reason)});
    } else if (missing == decision.metrics.end() && were_missing) {
        notes.push_back({false, "MetricsRecovered", "every metric has fresh data again"});
    }
}

}  // namespace

std::vector<EventNote> events_for(const api::ScalingPolicyStatus& old, const api::Observation& seen,
                                  const api::Decision& decision, Applied applied) {
    std::vector<EventNote> notes;
    note_controls(notes, old, decision);
    note_rescale(notes, old, seen, decision, applied);
    note_metrics(notes, old, decision);
    if (decision.reason == DecisionReason::ScalingDisabled &&
        !reason_was(old, DecisionReason::ScalingDisabled)) {
        notes.push_back({true, "ScalingDisabled", decision.message});
    }
    if (decision.reason == DecisionReason::InvalidRequests &&
        !reason_was(old, DecisionReason::InvalidRequests)) {
        notes.push_back({true, "InvalidRequests", decision.message});
    }
    if (decision.reason == DecisionReason::FlapBudgetSpent &&
        !reason_was(old, DecisionReason::FlapBudgetSpent)) {
        notes.push_back({true, "FlapBudgetSpent", decision.message});
    }
    return notes;
}

}  // namespace chatflow::scaling
