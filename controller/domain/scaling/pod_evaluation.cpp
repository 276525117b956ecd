#include "controller/domain/scaling/pod_evaluation.hpp"

#include "controller/domain/scaling/metric_evaluation.hpp"
#include "controller/domain/scaling/pod_groups.hpp"
#include "controller/domain/scaling/pod_metric.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include <fmt/format.h>

namespace chatflow::scaling {
namespace {

using api::MetricOutcome;
using api::Quantity;

PodRules rules_for(const PodMetric& metric, const MetricContext& context, bool as_percent,
                   std::int64_t aim) {
    PodRules rules{.resource = metric.resource, .container = metric.container};
    rules.with_requests = as_percent;
    rules.missing_percent = as_percent ? capped_to_int32(std::max<std::int64_t>(100, aim)) : 100;
    rules.cpu_initialization_period =
        std::chrono::seconds{context.spec.cpu_initialization_period_seconds};
    rules.initial_readiness_delay =
        std::chrono::seconds{context.spec.initial_readiness_delay_seconds};
    if (context.is_ours()) {
        rules.max_age = std::chrono::seconds{context.spec.max_age_seconds};
    }
    rules.whole_pods = context.is_ours();
    rules.count_strangers = !context.is_ours();
    return rules;
}

/// Why these groups of pods make no level; an empty reason where they do.
MetricOutcome missing_level(const std::string& name, const PodMetric& metric,
                            const PodGroups& groups, const MetricContext& context) {
    if (context.seen.pods.empty()) {
        return no_data(name, kNoPods, name + " has no data: the target has no pods");
    }
    if (!context.is_ours() && groups.without_container != nullptr) {
        return no_data(name, kMissingContainer,
                       fmt::format("{} has no data: the sample of pod {} lacks the container", name,
                                   groups.without_container->pod));
    }
    if (groups.ready + groups.strangers == 0) {
        const bool all_stale = groups.stale > 0 && groups.stale == groups.missing;
        return all_stale ? no_data(name, kStaleSample,
                                   fmt::format(
                                       "{} has no data: the samples of {} are older than {} s",
                                       name, pods_text(groups.stale), context.spec.max_age_seconds))
                         : no_data(name, kNoReadyPods,
                                   fmt::format("{} has no data: {} not ready, {} without a sample",
                                               name, pods_text(groups.unready), groups.missing));
    }
    if (groups.without_request != nullptr) {
        return no_data(
            name, kMissingRequest,
            fmt::format("{} has no percentage: pod {} has a container without a {} "
                        "request; set resources.requests.{}",
                        name, groups.without_request->name, *metric.resource, *metric.resource));
    }
    return {};
}

/// At 0 pods only the metrics of the whole target can ask for some.
MetricOutcome nothing_to_measure(std::string name) {
    MetricOutcome outcome;
    outcome.proposal = 0;
    outcome.reason = kNoPods;
    outcome.message = name + " has nothing to measure: there are 0 pods";
    outcome.name = std::move(name);
    return outcome;
}

}  // namespace

MetricOutcome evaluate_pods(std::string name, const PodMetric& metric,
                            const MetricContext& context) {
    const auto* samples = std::get_if<api::PodSamples>(&context.reading);
    if (samples == nullptr) {
        return no_data(name, kWrongReading, name + " has no data: samples of pods are needed");
    }
    const bool per_pod = metric.band == nullptr && metric.target != nullptr &&
                         metric.target->average_value.has_value();
    if (context.is_ours() && context.current() == 0) return nothing_to_measure(std::move(name));
    Thresholds thresholds{.aim = 0,
                          .tolerance = tolerance_of(context.spec),
                          .rebalances = context.controls.rebalances};
    if (metric.band != nullptr) {
        thresholds.band = *metric.band;
        thresholds.aim = metric.band->aim_for;
    } else if (per_pod) {
        thresholds.aim = metric.target->average_value->milli();
    } else if (metric.target != nullptr && metric.resource != nullptr) {
        thresholds.aim = metric.target->average_utilization.value_or(0);
    }
    if (thresholds.aim <= 0) {
        return no_data(name, kInvalidTarget, name + " has no target above 0");
    }

    const PodRules rules = rules_for(metric, context, !per_pod, thresholds.aim);
    const PodGroups groups = group_pods(context.seen.pods, *samples, rules, context.seen.now);
    MetricOutcome outcome = missing_level(name, metric, groups, context);
    if (!outcome.reason.empty()) {
        return outcome;
    }
    if (!per_pod && groups.requests <= 0) {
        return no_data(name, kMissingRequest, name + " has no percentage: the requests are 0");
    }

    const Measure measure = per_pod ? Measure::AveragePerPod : Measure::PercentOfRequests;
    Proposal proposal = propose_by_pods(groups, thresholds, measure, context.current());
    keep_direction(proposal, context);
    if (per_pod) {
        outcome.value = Quantity::from_milli(proposal.level);
    } else {
        outcome.utilization_percent = capped_to_int32(proposal.level);
        outcome.value = Quantity::from_milli(groups.usage / std::max(groups.ready, 1));
    }
    if (groups.oldest_sample) {
        outcome.age_seconds = age_of(*groups.oldest_sample, context.seen.now);
    }
    conclude(outcome, proposal, context,
             {.name = name,
              .unit = per_pod ? " per pod" : " of requests",
              .is_percent = !per_pod,
              .band = metric.band,
              .target = thresholds.aim,
              .current = context.current(),
              .measured = groups.ready,
              .unready = groups.unready,
              .missing = groups.missing});
    const bool is_above = thresholds.ratio(proposal.level) > 1 && !thresholds.hold(proposal.level);
    if (is_above && proposal.replicas == context.current() && groups.unready + groups.missing > 0) {
        outcome.reason = kAwaitingPods;
    }
    outcome.name = std::move(name);
    return outcome;
}

}  // namespace chatflow::scaling
