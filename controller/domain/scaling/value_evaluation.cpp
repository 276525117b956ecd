#include "controller/domain/scaling/value_evaluation.hpp"

#include "controller/domain/scaling/metric_evaluation.hpp"
#include "controller/domain/scaling/pod_groups.hpp"
#include "controller/domain/scaling/value_metric.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include <fmt/format.h>

namespace chatflow::scaling {
namespace {

using api::MetricOutcome;
using api::Quantity;

/// There is no work: no pod is needed for it, whatever the target says.
void conclude_idle(MetricOutcome& outcome, const std::string& name, std::int64_t total,
                   std::int64_t threshold, const MetricContext& context) {
    outcome.proposal = 0;
    outcome.value = Quantity::from_milli(total);
    outcome.verdict =
        context.current() > 0 ? api::MetricVerdict::ScaleDown : api::MetricVerdict::Hold;
    outcome.message = fmt::format("{} is at {}, not above its activation threshold of {}: idle",
                                  name, to_string(Quantity::from_milli(total)),
                                  to_string(Quantity::from_milli(threshold)));
}

}  // namespace

MetricOutcome evaluate_values(std::string name, const ValueMetric& metric,
                              const MetricContext& context) {
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

}  // namespace chatflow::scaling
