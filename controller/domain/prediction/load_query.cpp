#include "controller/domain/prediction/load_query.hpp"

#include "controller/domain/prediction/floor.hpp"
#include "controller/domain/prediction/predictor.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace chatflow::prediction {
namespace {

using std::chrono::seconds;

// A rate needs two scrapes.
constexpr seconds kRateLeast{120};

/// The pods of a target begin with its name. Those that are gone are part of the history, so that
/// the selector of today's pods is of no use.
std::string cpu_expression(const api::ObjectKey& policy, const api::ScalingPolicySpec& spec,
                           const std::string& container, seconds slot) {
    return fmt::format(
        R"(sum(rate(container_cpu_usage_seconds_total{{namespace="{}",pod=~"{}-.+",{}}}[{}s])))",
        policy.name_space, spec.target_ref.name,
        container.empty() ? R"(container!="",container!="POD")"
                          : fmt::format(R"(container="{}")", container),
        std::max(slot, kRateLeast).count());
}

std::optional<std::string> expression_of(const api::ObjectKey& policy,
                                         const api::ScalingPolicySpec& spec, seconds slot) {
    if (!spec.prediction->query.empty()) return spec.prediction->query;
    const api::MetricSpec* metric = predicted_metric(spec);
    if (metric == nullptr) return std::nullopt;
    if (metric->prometheus) return metric->prometheus->query;
    if (metric->resource) return cpu_expression(policy, spec, "", slot);
    if (metric->container_resource) {
        return cpu_expression(policy, spec, metric->container_resource->container, slot);
    }
    return std::nullopt;
}

}  // namespace

std::optional<LoadQuery> load_query(const api::ObjectKey& policy,
                                    const api::ScalingPolicySpec& spec, TimePoint now) {
    if (!spec.prediction) return std::nullopt;
    const seconds slot = tuning_of(*spec.prediction).slot;
    auto expression = expression_of(policy, spec, slot);
    if (!expression) return std::nullopt;
    const std::int64_t wanted = std::chrono::days{spec.prediction->history_days} / slot;
    const std::int64_t slots = std::min(wanted, static_cast<std::int64_t>(kHistorySlotsMax));
    const auto whole = std::chrono::floor<seconds>(now.time_since_epoch());
    const TimePoint last{whole - whole % slot};
    return LoadQuery{*std::move(expression), last - slot * (slots - 1), last, slot};
}

}  // namespace chatflow::prediction
