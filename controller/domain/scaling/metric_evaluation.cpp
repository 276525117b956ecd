#include "controller/domain/scaling/metric_evaluation.hpp"

#include "controller/domain/scaling/metric_message.hpp"
#include "controller/domain/scaling/pod_groups.hpp"
#include "controller/domain/scaling/pod_metric.hpp"
#include "controller/domain/scaling/replica_math.hpp"
#include "controller/domain/scaling/thresholds.hpp"
#include "controller/domain/scaling/value_metric.hpp"

#include <algorithm>
#include <variant>

#include <fmt/format.h>

namespace chatflow::scaling {
namespace {

using api::Compatibility;
using api::MetricOutcome;
using api::Quantity;

/// What all kinds of metrics need.
struct Context {
    const api::ScalingPolicySpec& spec;
    const api::Observation& seen;
    const Controls& controls;
    const api::MetricReading& reading;

    [[nodiscard]] bool is_ours() const { return spec.compatibility == Compatibility::Chatflow; }
    [[nodiscard]] std::int32_t current() const { return seen.replicas.spec; }
};

/// A metric whose level is made of pods.
struct PodMetric {
    const std::string* resource = nullptr;
    const std::string* container = nullptr;
    const api::UtilizationBand* band = nullptr;
    const api::MetricTarget* target = nullptr;
};

MetricOutcome no_data(std::string name, std::string_view reason, std::string message) {
    MetricOutcome outcome;
    outcome.name = std::move(name);
    outcome.verdict = api::MetricVerdict::NoData;
    outcome.reason = reason;
    outcome.message = std::move(message);
    return outcome;
}

/// What is above its target never asks for fewer pods, what is below never for more: HPA multiplies
/// by the pods it sees, and those may be fewer (not yet there) or more (a surge) than
/// spec.replicas.
void keep_direction(Proposal& proposal, const Context& context) {
    if (!context.is_ours() || context.current() == 0) {
        return;
    }
    if (proposal.ratio > 1.0) {
        proposal.replicas = std::max(proposal.replicas, context.current());
    } else if (proposal.ratio < 1.0) {
        proposal.replicas = std::min(proposal.replicas, context.current());
    }
}

void conclude(MetricOutcome& outcome, const Proposal& proposal, const Context& context,
              const MetricStory& story) {
    outcome.proposal = proposal.replicas;
    outcome.verdict = proposal.replicas > context.current()   ? api::MetricVerdict::ScaleUp
                      : proposal.replicas < context.current() ? api::MetricVerdict::ScaleDown
                                                              : api::MetricVerdict::Hold;
    outcome.message = metric_message(story, proposal);
}

std::int32_t age_of(TimePoint at, TimePoint now) {
    const auto age = std::chrono::duration_cast<std::chrono::seconds>(now - at);
    return capped_to_int32(std::max<std::int64_t>(age.count(), 0));
}

PodRules rules_for(const PodMetric& metric, const Context& context, bool as_percent,
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
    rules.count_strangers = !context.is_ours();
    return rules;
}

/// Why these groups of pods make no level; an empty reason where they do.
MetricOutcome missing_level(const std::string& name, const PodMetric& metric,
                            const PodGroups& groups, const Context& context) {
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

MetricOutcome evaluate_pods(std::string name, const PodMetric& metric, const Context& context) {
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

/// A metric of the whole target.
struct ValueMetric {
    const api::MetricTarget* target = nullptr;
    std::optional<Quantity> activation;
    std::int32_t max_age_seconds = 0;
    bool is_aged = false;  // whether an old value is no value
};

/// There is no work: no pod is needed for it, whatever the target says.
void conclude_idle(MetricOutcome& outcome, const std::string& name, std::int64_t total,
                   std::int64_t threshold, const Context& context) {
    outcome.proposal = 0;
    outcome.value = Quantity::from_milli(total);
    outcome.verdict =
        context.current() > 0 ? api::MetricVerdict::ScaleDown : api::MetricVerdict::Hold;
    outcome.message = fmt::format("{} is at {}, not above its activation threshold of {}: idle",
                                  name, to_string(Quantity::from_milli(total)),
                                  to_string(Quantity::from_milli(threshold)));
}

/// Object, External and Prometheus metrics: numbers of the whole target, summed.
MetricOutcome evaluate_values(std::string name, const ValueMetric& metric, const Context& context) {
    const api::MetricTarget& target = *metric.target;
    const auto* values = std::get_if<api::MetricValues>(&context.reading);
    if (values == nullptr) {
        return no_data(name, kWrongReading, name + " has no data: a value is needed");
    }
    if (values->values.empty()) {
        return no_data(name, kEmptyResult, name + " has no data: the result is empty");
    }
    const TimePoint now = context.seen.now;
    if (metric.is_aged && values->timestamp &&
        now - *values->timestamp > std::chrono::seconds{metric.max_age_seconds}) {
        return no_data(name, kStaleSample,
                       fmt::format("{} has no data: its value is {} s old, more than {} s", name,
                                   age_of(*values->timestamp, now), metric.max_age_seconds));
    }
    const bool per_pod = target.average_value.has_value();
    const std::int64_t aim =
        per_pod ? target.average_value->milli() : target.value.value_or(Quantity{}).milli();
    if (aim <= 0) {
        return no_data(name, kInvalidTarget, name + " has no target above 0");
    }
    std::int64_t total = 0;
    for (const Quantity value : values->values) {
        total = capped_sum(total, value.milli());
    }
    const Thresholds thresholds{.aim = aim,
                                .tolerance = tolerance_of(context.spec),
                                .rebalances = context.controls.rebalances};
    Proposal proposal = per_pod ? propose_by_average(total, thresholds, context.seen.replicas,
                                                     context.spec.compatibility)
                                : propose_by_value(total, thresholds, context.current(),
                                                   count_ready(context.seen.pods));
    if (!per_pod && context.current() != 0 && !proposal.holds && context.seen.pods.empty()) {
        return no_data(name, kNoPods, name + " has no proposal: the target has no pods");
    }
    if (context.current() != 0) {  // from 0, any load is a reason to start
        keep_direction(proposal, context);
    }
    MetricOutcome outcome;
    outcome.value = Quantity::from_milli(proposal.level);
    if (values->timestamp) {
        outcome.age_seconds = age_of(*values->timestamp, now);
    }
    if (context.is_ours() && context.controls.bounds.min == 0) {
        const std::int64_t threshold = metric.activation.value_or(Quantity{}).milli();
        outcome.active = total > threshold;
        if (!*outcome.active) {
            conclude_idle(outcome, name, total, threshold, context);
            outcome.name = std::move(name);
            return outcome;
        }
        proposal.replicas = std::max(proposal.replicas, 1);
    }
    conclude(outcome, proposal, context,
             {.name = name,
              .unit = per_pod ? " per pod" : "",
              .target = aim,
              .current = context.current(),
              .measured = std::nullopt});
    outcome.name = std::move(name);
    return outcome;
}

const api::UtilizationBand* pointer_to(const std::optional<api::UtilizationBand>& band) {
    return band ? &*band : nullptr;
}

const api::MetricTarget* pointer_to(const std::optional<api::MetricTarget>& target) {
    return target ? &*target : nullptr;
}

MetricOutcome evaluate(const api::MetricSpec& metric, const Context& context) {
    std::string name = metric_name(metric);
    const std::int32_t max_age = context.spec.max_age_seconds;
    if (metric.resource) {
        const api::ResourceMetric& own = *metric.resource;
        return evaluate_pods(std::move(name),
                             {&own.name, nullptr, pointer_to(own.band), pointer_to(own.target)},
                             context);
    }
    if (metric.container_resource) {
        const api::ContainerResourceMetric& own = *metric.container_resource;
        return evaluate_pods(
            std::move(name),
            {&own.name, &own.container, pointer_to(own.band), pointer_to(own.target)}, context);
    }
    if (metric.pods) {
        return evaluate_pods(std::move(name), {.target = &metric.pods->target}, context);
    }
    if (metric.object) {
        const api::ObjectMetric& own = *metric.object;
        return evaluate_values(std::move(name),
                               {&own.target, own.activation_threshold, max_age, context.is_ours()},
                               context);
    }
    if (metric.external) {
        const api::ExternalMetric& own = *metric.external;
        return evaluate_values(std::move(name),
                               {&own.target, own.activation_threshold, max_age, context.is_ours()},
                               context);
    }
    if (metric.prometheus) {  // maxAgeSeconds is the metric's own, whatever the compatibility
        const api::PrometheusMetric& own = *metric.prometheus;
        return evaluate_values(std::move(name),
                               {&own.target, own.activation_threshold, own.max_age_seconds, true},
                               context);
    }
    return no_data(std::move(name), kInvalidTarget, "the metric has no source");
}

}  // namespace

MetricOutcome evaluate_metric(const api::ScalingPolicySpec& spec, const api::Observation& seen,
                              const Controls& controls, std::size_t index) {
    const api::MetricSpec& metric = spec.metrics[index];
    if (index >= seen.metrics.size()) {
        std::string name = metric_name(metric);
        std::string message = name + " has no data: it was not read";
        return no_data(std::move(name), kNotRead, std::move(message));
    }
    const api::MetricReading& reading = seen.metrics[index];
    if (const auto* error = std::get_if<api::MetricError>(&reading)) {
        std::string name = metric_name(metric);
        std::string message = fmt::format("{} has no data: {}", name, error->message);
        return no_data(std::move(name), error->reason.empty() ? "QueryFailed" : error->reason,
                       std::move(message));
    }
    return evaluate(metric, {spec, seen, controls, reading});
}

std::string metric_name(const api::MetricSpec& metric) {
    if (metric.resource) {
        return metric.resource->name;
    }
    if (metric.container_resource) {
        return metric.container_resource->container + "/" + metric.container_resource->name;
    }
    if (metric.pods) {
        return metric.pods->metric.name;
    }
    if (metric.object) {
        return metric.object->metric.name;
    }
    if (metric.external) {
        return metric.external->metric.name;
    }
    return metric.prometheus ? metric.prometheus->name : std::string{};
}

}  // namespace chatflow::scaling
