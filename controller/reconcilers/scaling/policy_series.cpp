#include "controller/reconcilers/scaling/policy_series.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <span>
#include <string_view>

#include <fmt/format.h>

namespace chatflow {

/// Writes the lines of one policy in one metric.
class PolicySeries::Lines {
 public:
    Lines(std::string& page, const char* name, const api::ObjectKey& key)
        : page_(page), name_(name), key_(key) {}

    /// `more` are further labels, such as `,by="MinReplicas"`. Kubernetes' names need no escaping.
    template <class V>
    void add(V value, std::string_view more = {}) {
        fmt::format_to(std::back_inserter(page_), "{}{{name=\"{}\",namespace=\"{}\"{}}} {}\n",
                       name_, key_.name, key_.name_space, more, value);
    }

    template <class V>
    void add(std::optional<V> value) {
        if (value) add(*value);
    }

 private:
    std::string& page_;
    const char* name_;
    const api::ObjectKey& key_;
};

namespace {

std::string label(const char* name, std::string_view value) {
    return fmt::format(",{}=\"{}\"", name, value);
}

std::optional<double> part(std::optional<std::int32_t> value, double of) {
    return value.transform([of](auto parts) { return parts / of; });
}

std::optional<std::int32_t> oldest_age(const api::Decision& decision) {
    std::optional<std::int32_t> oldest;
    for (const api::MetricOutcome& metric : decision.metrics) {
        if (metric.age_seconds) oldest = std::max(oldest.value_or(0), *metric.age_seconds);
    }
    return oldest;
}

}  // namespace

void PolicySeries::decided(const api::ObjectKey& key, api::ScalingMode mode,
                           const api::ScalingPolicyStatus& status) {
    Policy& policy = policies_[key];
    // What counts goes on; what describes the present begins anew.
    Policy next{.current = status.current_replicas,
                .desired = status.desired_replicas,
                .least = policy.least,
                .most = policy.most,
                .turns = policy.turns,
                .decisions = std::move(policy.decisions),
                .ups = policy.ups,
                .downs = policy.downs};
    next.conditions.reserve(status.conditions.size());
    for (const api::Condition& condition : status.conditions) {
        next.conditions.emplace_back(condition.type, condition.status);
    }
    if (status.last_decision) {
        const api::Decision& decision = status.last_decision->decision;
        next.uncapped = decision.uncapped;
        next.least = status.bounds.min;
        next.most = status.bounds.max;
        next.turns = static_cast<std::int32_t>(status.history.direction_changes.size());
        next.utilization_percent = status.utilization_percent;
        next.age_seconds = oldest_age(decision);
        next.limited_by = decision.limited_by;
        next.predicted = decision.predicted;
        if (const auto& forecast = status.last_decision->observation.forecast) {
            next.trusts_forecast = forecast->state == api::PredictionState::Trusted ? 1 : 0;
            if (forecast->measured_slots > 0) next.coverage_permille = forecast->coverage_permille;
        }
        if (mode == api::ScalingMode::Observe) next.shadow = decision.replicas;
        for (const api::ActiveControl& control : decision.controls) {
            next.controls.push_back(control.type);
        }
        auto counted = std::ranges::find(next.decisions, decision.reason,
                                         [](const auto& pair) { return pair.first; });
        if (counted == next.decisions.end()) {
            counted = next.decisions.emplace(counted, decision.reason, 0);
        }
        ++counted->second;
    }
    policy = std::move(next);
}

void PolicySeries::scaled(const api::ObjectKey& key, bool up) {
    Policy& policy = policies_[key];
    ++(up ? policy.ups : policy.downs);
}

std::span<const PolicySeries::Metric> PolicySeries::metrics() {
    static constexpr std::array kMetrics{
        Metric{"chatflow_scaling_current_replicas", "gauge",
               "Replicas the target has, by its scale.",
               [](Lines& lines, const Policy& policy) { lines.add(policy.current); }},
        Metric{"chatflow_scaling_desired_replicas", "gauge", "Replicas the last decision asks for.",
               [](Lines& lines, const Policy& policy) { lines.add(policy.desired); }},
        Metric{"chatflow_scaling_uncapped_replicas", "gauge",
               "Replicas the metrics ask for, before windows, rates and bounds.",
               [](Lines& lines, const Policy& policy) { lines.add(policy.uncapped); }},
        Metric{"chatflow_scaling_shadow_desired_replicas", "gauge",
               "Replicas the last decision would set, of a policy in mode Observe.",
               [](Lines& lines, const Policy& policy) { lines.add(policy.shadow); }},
        Metric{"chatflow_scaling_min_replicas", "gauge", "The lower bound in force.",
               [](Lines& lines, const Policy& policy) { lines.add(policy.least); }},
        Metric{"chatflow_scaling_max_replicas", "gauge", "The upper bound in force.",
               [](Lines& lines, const Policy& policy) { lines.add(policy.most); }},
        Metric{"chatflow_scaling_direction_changes", "gauge",
               "Changes of direction within the flap budget's period.",
               [](Lines& lines, const Policy& policy) { lines.add(policy.turns); }},
        Metric{"chatflow_scaling_metric_age_seconds", "gauge",
               "Age of the oldest sample the last decision used.",
               [](Lines& lines, const Policy& policy) { lines.add(policy.age_seconds); }},
        Metric{"chatflow_scaling_utilization_ratio", "gauge",
               "Usage of the first Resource metric by its requests.",
               [](Lines& lines, const Policy& policy) {
                   lines.add(part(policy.utilization_percent, 100));
               }},
        Metric{"chatflow_scaling_predicted_replicas", "gauge",
               "Replicas that the expected load needs, while the forecast is trusted.",
               [](Lines& lines, const Policy& policy) { lines.add(policy.predicted); }},
        Metric{"chatflow_scaling_forecast_trusted", "gauge",
               "1 while the forecast is trusted, 0 while it learns or is in shadow.",
               [](Lines& lines, const Policy& policy) { lines.add(policy.trusts_forecast); }},
        Metric{"chatflow_scaling_forecast_coverage_ratio", "gauge",
               "Part of the last slots whose load was not above what had been expected.",
               [](Lines& lines, const Policy& policy) {
                   lines.add(part(policy.coverage_permille, 1000));
               }},
        Metric{"chatflow_scaling_control", "gauge",
               "1 while a freeze, override, pause or schedule is in force.",
               [](Lines& lines, const Policy& policy) {
                   for (const auto control : policy.controls) {
                       lines.add(1, label("control", to_string(control)));
                   }
               }},
        Metric{"chatflow_scaling_limited", "gauge", "1 while the decision is limited, by what.",
               [](Lines& lines, const Policy& policy) {
                   if (policy.limited_by == api::LimitedBy::None) return;
                   lines.add(1, label("by", to_string(policy.limited_by)));
               }},
        Metric{"chatflow_condition", "gauge", "1 for the present status of each condition.",
               [](Lines& lines, const Policy& policy) {
                   for (const auto& [type, status] : policy.conditions) {
                       lines.add(1, fmt::format(",kind=\"ScalingPolicy\",status=\"{}\",type=\"{}\"",
                                                to_string(status), *type));
                   }
               }},
        Metric{"chatflow_scaling_decisions_total", "counter", "Decisions, by their reason.",
               [](Lines& lines, const Policy& policy) {
                   for (const auto& [reason, count] : policy.decisions) {
                       lines.add(count, label("reason", to_string(reason)));
                   }
               }},
        Metric{"chatflow_scaling_changes_total", "counter", "Scales written, by direction.",
               [](Lines& lines, const Policy& policy) {
                   if (policy.ups > 0) lines.add(policy.ups, label("direction", "up"));
                   if (policy.downs > 0) lines.add(policy.downs, label("direction", "down"));
               }},
    };
    return kMetrics;
}

std::function<std::string()> PolicySeries::pieces() const {
    struct Place {
        std::size_t metric = 0;
        std::optional<api::ObjectKey> after;  // none: its head comes first
    };
    return [this, place = Place{}]() mutable {
        const auto all = metrics();
        std::string piece;
        while (place.metric < all.size() && piece.size() < kPieceBytes) {
            const Metric& metric = all[place.metric];
            if (!place.after) {
                fmt::format_to(std::back_inserter(piece), "# HELP {0} {2}\n# TYPE {0} {1}\n",
                               metric.name, metric.type, metric.help);
                place.after.emplace();  // before every policy
            }
            auto next = policies_.upper_bound(*place.after);
            for (; next != policies_.end() && piece.size() < kPieceBytes; ++next) {
                Lines lines(piece, metric.name, next->first);
                metric.add(lines, next->second);
                place.after = next->first;
            }
            if (next == policies_.end()) place = {.metric = place.metric + 1, .after = {}};
        }
        return piece;
    };
}

}  // namespace chatflow
