#include "controller/reconcilers/scaling/policy_series.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

namespace chatflow {
namespace {

/// Writes one metric: its head, then a line for each policy that has it.
class Lines {
 public:
    Lines(std::string& page, const char* name, const char* type, const char* help)
        : page_(page), name_(name) {
        fmt::format_to(std::back_inserter(page_), "# HELP {0} {2}\n# TYPE {0} {1}\n", name, type,
                       help);
    }

    /// `more` are further labels, such as `,by="MinReplicas"`. Kubernetes' names need no escaping.
    template <class V>
    void add(const api::ObjectKey& key, V value, std::string_view more = {}) {
        fmt::format_to(std::back_inserter(page_), "{}{{name=\"{}\",namespace=\"{}\"{}}} {}\n",
                       name_, key.name, key.name_space, more, value);
    }

 private:
    std::string& page_;
    const char* name_;
};

std::string label(const char* name, std::string_view value) {
    return fmt::format(",{}=\"{}\"", name, value);
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

void PolicySeries::write(std::string& page) const {
    const auto gauge = [&](const char* name, const char* help, auto value_of) {
        Lines lines(page, name, "gauge", help);
        for (const auto& [key, policy] : policies_) {
            if (const auto value = value_of(policy)) lines.add(key, *value);
        }
    };
    gauge("chatflow_scaling_current_replicas", "Replicas the target has, by its scale.",
          [](const Policy& policy) { return Value{policy.current}; });
    gauge("chatflow_scaling_desired_replicas", "Replicas the last decision asks for.",
          [](const Policy& policy) { return Value{policy.desired}; });
    gauge("chatflow_scaling_uncapped_replicas",
          "Replicas the metrics ask for, before windows, rates and bounds.",
          [](const Policy& policy) { return policy.uncapped; });
    gauge("chatflow_scaling_shadow_desired_replicas",
          "Replicas the last decision would set, of a policy in mode Observe.",
          [](const Policy& policy) { return policy.shadow; });
    gauge("chatflow_scaling_min_replicas", "The lower bound in force.",
          [](const Policy& policy) { return policy.least; });
    gauge("chatflow_scaling_max_replicas", "The upper bound in force.",
          [](const Policy& policy) { return policy.most; });
    gauge("chatflow_scaling_direction_changes",
          "Changes of direction within the flap budget's period.",
          [](const Policy& policy) { return policy.turns; });
    gauge("chatflow_scaling_metric_age_seconds", "Age of the oldest sample the last decision used.",
          [](const Policy& policy) { return policy.age_seconds; });
    gauge("chatflow_scaling_utilization_ratio",
          "Usage of the first Resource metric by its requests.", [](const Policy& policy) {
              return policy.utilization_percent.transform(
                  [](auto percent) { return percent / 100.0; });
          });

    gauge("chatflow_scaling_predicted_replicas",
          "Replicas that the expected load needs, while the forecast is trusted.",
          [](const Policy& policy) { return policy.predicted; });
    gauge("chatflow_scaling_forecast_trusted",
          "1 while the forecast is trusted, 0 while it learns or is in shadow.",
          [](const Policy& policy) { return policy.trusts_forecast; });
    gauge("chatflow_scaling_forecast_coverage_ratio",
          "Part of the last slots whose load was not above what had been expected.",
          [](const Policy& policy) {
              return policy.coverage_permille.transform(
                  [](auto permille) { return permille / 1000.0; });
          });

    Lines controls(page, "chatflow_scaling_control", "gauge",
                   "1 while a freeze, override, pause or schedule is in force.");
    for (const auto& [key, policy] : policies_) {
        for (const auto control : policy.controls) {
            controls.add(key, 1, label("control", to_string(control)));
        }
    }
    Lines limited(page, "chatflow_scaling_limited", "gauge",
                  "1 while the decision is limited, by what.");
    for (const auto& [key, policy] : policies_) {
        if (policy.limited_by != api::LimitedBy::None) {
            limited.add(key, 1, label("by", to_string(policy.limited_by)));
        }
    }
    Lines conditions(page, "chatflow_condition", "gauge",
                     "1 for the present status of each condition.");
    for (const auto& [key, policy] : policies_) {
        for (const auto& [type, status] : policy.conditions) {
            conditions.add(key, 1,
                           fmt::format(",kind=\"ScalingPolicy\",status=\"{}\",type=\"{}\"",
                                       to_string(status), *type));
        }
    }
    Lines decisions(page, "chatflow_scaling_decisions_total", "counter",
                    "Decisions, by their reason.");
    for (const auto& [key, policy] : policies_) {
        for (const auto& [reason, count] : policy.decisions) {
            decisions.add(key, count, label("reason", to_string(reason)));
        }
    }
    Lines changes(page, "chatflow_scaling_changes_total", "counter",
                  "Scales written, by direction.");
    for (const auto& [key, policy] : policies_) {
        if (policy.ups > 0) changes.add(key, policy.ups, label("direction", "up"));
        if (policy.downs > 0) changes.add(key, policy.downs, label("direction", "down"));
    }
}

}  // namespace chatflow
