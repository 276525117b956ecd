#include "controller/cli/explanation.hpp"

#include "controller/api/names.hpp"
#include "controller/api/scaling_case_codec.hpp"
#include "controller/api/scaling_policy_codec.hpp"
#include "controller/cli/paragraphs.hpp"
#include "controller/cli/simulation_report.hpp"
#include "controller/domain/scaling/conditions.hpp"
#include "controller/domain/scaling/controls.hpp"
#include "controller/domain/scaling/decide.hpp"
#include "controller/domain/scaling/history.hpp"
#include "controller/domain/scaling/limits.hpp"
#include "controller/domain/scaling/metric_message.hpp"
#include "controller/domain/scaling/outlook.hpp"
#include "libs/base/version.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace chatflow::cli {
namespace {

using api::Condition;
using api::DecisionRecord;
using api::MetricOutcome;
using api::ScalingPolicy;
using scaling::pods_text;

std::string age(TimePoint at, TimePoint now) {
    return format_age(std::chrono::floor<std::chrono::seconds>(std::max(now, at) - at));
}

/// The time of day, as logs have it; the date stands in the first line.
std::string clock_time(TimePoint at) { return format_rfc3339(at).substr(11, 8) + " UTC"; }

enum class Recomputed { Same, Different, NotPossible };

Recomputed recompute(const ScalingPolicy& policy, const DecisionRecord& record) {
    const bool is_whole = !record.pods_omitted && policy.spec_errors.empty() &&
                          record.generation == policy.metadata.generation;
    if (!is_whole) return Recomputed::NotPossible;
    const auto again = scaling::decide(policy.spec, record.observation);
    return again == record.decision ? Recomputed::Same : Recomputed::Different;
}

std::string heading(const ScalingPolicy& policy) {
    const api::ScalingPolicySpec& spec = policy.spec;
    const bool touches = spec.mode == api::ScalingMode::Enforce;
    return fmt::format("ScalingPolicy {}, generation {}\n", to_string(key_of(policy.metadata)),
                       policy.metadata.generation) +
           paragraph(fmt::format("{} {} {} between {} and {}, every {} s{}",
                                 touches ? "keeps" : "observes", spec.target_ref.kind,
                                 spec.target_ref.name, spec.min_replicas,
                                 pods_text(spec.max_replicas), spec.evaluation_period_seconds,
                                 touches ? "" : "; mode Observe touches nothing"));
}

std::string verdict(const ScalingPolicy& policy, const DecisionRecord& record, TimePoint now) {
    const api::Decision& decision = record.decision;
    const std::int32_t from = record.observation.replicas.spec;
    const std::string change = decision.replicas == from ? "" : fmt::format("{} → ", from);
    std::string text =
        fmt::format("\n{}: {}{}, decided {} ago ({})\n", to_string(decision.reason), change,
                    pods_text(decision.replicas), age(record.observation.now, now),
                    format_rfc3339(record.observation.now));
    text += paragraph(decision.message, 2);
    if (record.generation != policy.metadata.generation) {
        text += paragraph(fmt::format("This was decided for generation {} of the spec; the present "
                                      "one has not been decided by.",
                                      record.generation),
                          2);
    }
    return text;
}

std::string reading(const MetricOutcome& metric) {
    if (metric.verdict == api::MetricVerdict::NoData) {
        return fmt::format("no data: {}", metric.reason);
    }
    std::string text = metric.utilization_percent
                           ? fmt::format("{} % of requests", *metric.utilization_percent)
                           : to_string(metric.value.value_or(api::Quantity{}));
    if (metric.age_seconds) text += fmt::format(", {} s old", *metric.age_seconds);
    return text;
}

std::string what_was_read(const DecisionRecord& record) {
    constexpr std::size_t kNameColumns = 16;
    constexpr std::size_t kReadingColumns = 38;
    const api::Observation& seen = record.observation;
    std::string text = "\nWhat was read\n";
    text += paragraph(
        fmt::format("{} wanted by the target, {} there", seen.replicas.spec, seen.replicas.status),
        2);
    for (const MetricOutcome& metric : record.decision.metrics) {
        text += fmt::format(
            "  {} {} {}\n", padded(metric.name, kNameColumns),
            padded(reading(metric), kReadingColumns),
            metric.proposal ? "asks for " + pods_text(*metric.proposal) : "asks for nothing");
        if (!record.decision.message.contains(metric.message)) {
            text += paragraph(metric.message, kNameColumns + 3);
        }
    }
    return text;
}

std::string what_limited_it(const ScalingPolicy& policy, const api::Decision& decision) {
    const std::string limit = scaling::limit_message(policy.spec, decision);
    std::string text = "\nWhat limited it\n";
    if (limit.empty()) return text + paragraph("nothing", 2);
    return text + paragraph(fmt::format("the metrics ask for {}; {} at {}",
                                        pods_text(decision.uncapped), limit, decision.replicas),
                            2);
}

/// What people have told it; nothing where they have not.
std::string what_is_in_force(const ScalingPolicy& policy, const api::Decision& decision) {
    if (decision.controls.empty()) return {};
    std::string text = "\nWhat is in force\n";
    for (const api::ActiveControl& control : decision.controls) {
        text += paragraph(scaling::control_text(control), 2);
    }
    if (decision.bounds) {
        text += paragraph(fmt::format("between {} and {}, instead of {} and {}",
                                      decision.bounds->min, pods_text(decision.bounds->max),
                                      policy.spec.min_replicas, policy.spec.max_replicas),
                          2);
    }
    return text;
}

std::string last_changes(const ScalingPolicy& policy) {
    constexpr std::size_t kShown = 5;
    const auto& changes = policy.status.changes;
    if (changes.empty()) return {};
    std::string text = "\nLast changes\n";
    const std::size_t first = changes.size() > kShown ? changes.size() - kShown : 0;
    for (std::size_t i = first; i < changes.size(); ++i) {
        const api::ScaleChange& change = changes[i];
        text += fmt::format(
            "  {}  {} {}{}\n", format_rfc3339(change.at),
            padded(fmt::format("{} → {}", change.from, pods_text(change.to)), 20),
            to_string(change.reason),
            change.uncapped == change.to ? "" : fmt::format(", asked for {}", change.uncapped));
    }
    return text;
}

/// What somebody attached; nothing where nobody has.
std::string what_was_simulated(const ScalingPolicy& policy, TimePoint now) {
    const auto& result = policy.status.simulation;
    if (!result) return {};
    return fmt::format("\nSimulated {} ago ({})\n", age(result->at, now),
                       format_rfc3339(result->at)) +
           fmt::format("  the load from {} to {}\n", format_rfc3339(result->from),
                       format_rfc3339(result->to)) +
           simulation_rows(result->runs, 2);
}

std::string what_happens_next(const ScalingPolicy& policy, const DecisionRecord& record,
                              TimePoint now) {
    std::string text = "\nWhat happens next\n";
    const auto silence = now - record.observation.now;
    if (silence > scaling::longest_silence(policy.spec)) {
        return text + paragraph(fmt::format("This status is {} old. With more than a thousand "
                                            "policies one without news may be; else nobody acts, "
                                            "see `kubectl chatflow check api`.",
                                            age(record.observation.now, now)),
                                2);
    }
    text += paragraph(fmt::format("It is decided again every {} s; the status is written when "
                                  "something changes, else once a minute or less often.",
                                  policy.spec.evaluation_period_seconds),
                      2);
    const auto steps = scaling::outlook(policy);
    if (record.decision.reason == api::DecisionReason::AwaitingPods) {
        return text + "  It waits until the pods that have just come are measured, too.\n";
    }
    if (steps.empty()) return text + "  While the load stays as it is, nothing changes.\n";
    const char* would = policy.spec.mode == api::ScalingMode::Enforce ? "" : ", in mode Enforce";
    text += fmt::format("  While the load stays as it is{}:\n", would);
    for (const scaling::OutlookStep& step : steps) {
        const std::string when =
            step.at > now ? fmt::format("in {}", age(now, step.at)) : std::string("now");
        text += fmt::format("    {} → {} {} ({})\n", step.from, pods_text(step.to), when,
                            clock_time(step.at));
    }
    return text;
}

/// As it is while all is well: then its message is no news.
bool is_usual(const Condition& condition) {
    const bool is_bad_when_true =
        condition.type == scaling::kReconciling || condition.type == scaling::kStalled ||
        condition.type == scaling::kScalingLimited || condition.type == scaling::kControlled;
    return condition.status ==
           (is_bad_when_true ? api::ConditionStatus::False : api::ConditionStatus::True);
}

std::string conditions(const ScalingPolicy& policy, TimePoint now) {
    std::string text = "\nConditions\n";
    for (const Condition& condition : policy.status.conditions) {
        text += fmt::format("  {} {} {} for {}\n", padded(condition.type, 16),
                            padded(to_string(condition.status), 7), padded(condition.reason, 26),
                            age(condition.last_transition_time, now));
        const auto& record = policy.status.last_decision;
        const bool is_said = record && record->decision.message.contains(condition.message);
        if (!is_usual(condition) && !is_said) text += paragraph(condition.message, 4);
    }
    return text;
}

std::string check_of_record(const ScalingPolicy& policy, const DecisionRecord& record) {
    switch (recompute(policy, record)) {
        case Recomputed::Same:
            return paragraph(
                fmt::format("Recomputed from this record by version {}: the same.", version()));
        case Recomputed::Different:
            return paragraph(
                fmt::format("Recomputed from this record by version {}: another "
                            "decision. The controller is of another version.",
                            version()));
        case Recomputed::NotPossible:
            return record.pods_omitted
                       ? paragraph(fmt::format("The record leaves out the pods, as there are more "
                                               "than {}; it cannot be recomputed.",
                                               api::kRecordedPodsMax))
                       : paragraph("The spec has changed since; it cannot be recomputed.");
    }
    return {};
}

}  // namespace

std::string explain(const ScalingPolicy& policy, TimePoint now) {
    std::string text = heading(policy);
    const Condition* stalled = api::find_condition(policy.status.conditions, scaling::kStalled);
    if (stalled != nullptr && stalled->status == api::ConditionStatus::True) {
        text += fmt::format("\nIt cannot be carried out: {}\n", stalled->reason) +
                paragraph(stalled->message, 2);
    }
    const auto& record = policy.status.last_decision;
    if (!record) {
        if (policy.status.conditions.empty()) {
            text += "\nNo controller has looked at it yet: see `kubectl chatflow check api`.\n";
            return text;
        }
        return text + "\nNothing has been decided yet.\n" + what_was_simulated(policy, now) +
               conditions(policy, now);
    }
    text += verdict(policy, *record, now) + what_was_read(*record) +
            what_limited_it(policy, record->decision) + what_is_in_force(policy, record->decision) +
            what_happens_next(policy, *record, now) + last_changes(policy) +
            what_was_simulated(policy, now) + conditions(policy, now) + '\n' +
            check_of_record(policy, *record);
    return text;
}

nlohmann::json explain_json(const ScalingPolicy& policy) {
    const std::string name = to_string(key_of(policy.metadata));
    nlohmann::json json = {
        {"policy", name},
        {"generation", policy.metadata.generation},
        {"conditions", to_json(policy.status).value("conditions", nlohmann::json::array())}};
    if (policy.status.simulation) {
        json["simulation"] = to_json(policy.status).at("simulation");
    }
    const auto& record = policy.status.last_decision;
    if (!record) return json;
    json["case"] =
        to_json(api::CaseFile{nlohmann::json(name).dump(), policy.spec, record->observation});
    json["decision"] = to_json(record->decision);
    json["decidedForGeneration"] = record->generation;
    constexpr const char* kWords[] = {"same", "different", "impossible"};
    json["recomputed"] = kWords[static_cast<int>(recompute(policy, *record))];
    json["next"] = {{"periodSeconds", policy.spec.evaluation_period_seconds},
                    {"changes", nlohmann::json::array()}};
    for (const scaling::OutlookStep& step : scaling::outlook(policy)) {
        json["next"]["changes"].push_back(
            {{"at", format_rfc3339(step.at)}, {"from", step.from}, {"to", step.to}});
    }
    return json;
}

}  // namespace chatflow::cli
