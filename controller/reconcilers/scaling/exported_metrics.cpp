#include "controller/reconcilers/scaling/exported_metrics.hpp"

#include "controller/api/names.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

namespace chatflow {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;
using prometheus::Labels;

Family<Gauge>& gauge(prometheus::Registry& registry, const char* name, const char* help) {
    return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}

Family<Counter>& counter(prometheus::Registry& registry, const char* name, const char* help) {
    return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

Labels labels_of(const api::ObjectKey& key) {
    return {{"namespace", key.name_space}, {"name", key.name}};
}

Labels with(Labels labels, const char* name, std::string_view value) {
    labels.emplace(name, value);
    return labels;
}

const std::vector<double> kSeconds = {0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30};

}  // namespace

struct ScalingMetrics::Families {
    explicit Families(prometheus::Registry& registry)
        : current(gauge(registry, "chatflow_scaling_current_replicas",
                        "Replicas the target has, by its scale.")),
          desired(gauge(registry, "chatflow_scaling_desired_replicas",
                        "Replicas the last decision asks for.")),
          uncapped(gauge(registry, "chatflow_scaling_uncapped_replicas",
                         "Replicas the metrics ask for, before windows, rates and bounds.")),
          shadow(gauge(registry, "chatflow_scaling_shadow_desired_replicas",
                       "Replicas the last decision would set, of a policy in mode Observe.")),
          least(gauge(registry, "chatflow_scaling_min_replicas", "The lower bound in force.")),
          most(gauge(registry, "chatflow_scaling_max_replicas", "The upper bound in force.")),
          turns(gauge(registry, "chatflow_scaling_direction_changes",
                      "Changes of direction within the flap budget's period.")),
          control(gauge(registry, "chatflow_scaling_control",
                        "1 while a freeze, override, pause or schedule is in force.")),
          utilization(gauge(registry, "chatflow_scaling_utilization_ratio",
                            "Usage of the first Resource metric by its requests.")),
          age(gauge(registry, "chatflow_scaling_metric_age_seconds",
                    "Age of the oldest sample the last decision used.")),
          limited(gauge(registry, "chatflow_scaling_limited",
                        "1 while the decision is limited, by what.")),
          condition(
              gauge(registry, "chatflow_condition", "1 for the present status of each condition.")),
          decisions(
              counter(registry, "chatflow_scaling_decisions_total", "Decisions, by their reason.")),
          changes(
              counter(registry, "chatflow_scaling_changes_total", "Scales written, by direction.")),
          query_errors(counter(registry, "chatflow_prometheus_query_errors_total",
                               "Queries that gave no answer, by reason.")),
          query_time(prometheus::BuildHistogram()
                         .Name("chatflow_prometheus_query_duration_seconds")
                         .Help("Time until Prometheus had answered.")
                         .Register(registry)
                         .Add({}, kSeconds)),
          overrun(prometheus::BuildHistogram()
                      .Name("chatflow_period_overrun_seconds")
                      .Help("How late evaluations began, after their period was over.")
                      .Register(registry)
                      .Add({}, kSeconds)) {}

    struct Series {
        std::vector<std::pair<Family<Gauge>*, Gauge*>> gauges;
        std::vector<std::pair<Family<Counter>*, Counter*>> counters;
    };

    void set(const api::ObjectKey& key, Family<Gauge>& family, const Labels& labels, double value) {
        Gauge& found = family.Add(labels);
        found.Set(value);
        remember(series[key].gauges, &family, &found);
    }
    void count(const api::ObjectKey& key, Family<Counter>& family, const Labels& labels) {
        Counter& found = family.Add(labels);
        found.Increment();
        remember(series[key].counters, &family, &found);
    }
    template <class Pairs, class F, class M>
    static void remember(Pairs& pairs, F* family, M* metric) {
        const auto known =
            std::ranges::find(pairs, metric, [](const auto& pair) { return pair.second; });
        if (known == pairs.end()) pairs.emplace_back(family, metric);
    }
    /// Takes away the gauges of one family whose labels change with the state (by, status).
    void drop(const api::ObjectKey& key, Family<Gauge>& family) {
        auto& gauges = series[key].gauges;
        std::erase_if(gauges, [&family](const auto& pair) {
            if (pair.first != &family) return false;
            family.Remove(pair.second);
            return true;
        });
    }

    Family<Gauge>&current, &desired, &uncapped, &shadow, &least, &most, &turns, &control,
        &utilization, &age, &limited, &condition;
    Family<Counter>&decisions, &changes, &query_errors;
    Histogram &query_time, &overrun;
    std::map<api::ObjectKey, Series> series;
};

ScalingMetrics::ScalingMetrics(prometheus::Registry& registry)
    : families_(std::make_unique<Families>(registry)) {}

ScalingMetrics::~ScalingMetrics() = default;

void ScalingMetrics::decided(const api::ObjectKey& key, api::ScalingMode mode,
                             const api::ScalingPolicyStatus& status) {
    Families& all = *families_;
    const Labels labels = labels_of(key);
    all.set(key, all.current, labels, status.current_replicas);
    all.set(key, all.desired, labels, status.desired_replicas);

    all.drop(key, all.condition);
    for (const api::Condition& condition : status.conditions) {
        Labels full =
            with(with(labels, "type", condition.type), "status", to_string(condition.status));
        full.emplace("kind", "ScalingPolicy");
        all.set(key, all.condition, full, 1);
    }

    all.drop(key, all.limited);
    all.drop(key, all.age);
    all.drop(key, all.utilization);
    all.drop(key, all.shadow);
    all.drop(key, all.control);
    if (!status.last_decision) return;
    const api::Decision& decision = status.last_decision->decision;
    all.set(key, all.least, labels, status.bounds.min);
    all.set(key, all.most, labels, status.bounds.max);
    all.set(key, all.turns, labels, static_cast<double>(status.history.direction_changes.size()));
    if (mode == api::ScalingMode::Observe) all.set(key, all.shadow, labels, decision.replicas);
    for (const api::ActiveControl& control : decision.controls) {
        all.set(key, all.control, with(labels, "control", to_string(control.type)), 1);
    }
    all.set(key, all.uncapped, labels, decision.uncapped);
    all.count(key, all.decisions, with(labels, "reason", to_string(decision.reason)));
    if (decision.limited_by != api::LimitedBy::None) {
        all.set(key, all.limited, with(labels, "by", to_string(decision.limited_by)), 1);
    }
    if (status.utilization_percent) {
        all.set(key, all.utilization, labels, *status.utilization_percent / 100.0);
    }
    std::optional<std::int32_t> oldest;
    for (const api::MetricOutcome& metric : decision.metrics) {
        if (metric.age_seconds && (!oldest || *metric.age_seconds > *oldest)) {
            oldest = metric.age_seconds;
        }
    }
    if (oldest) all.set(key, all.age, labels, *oldest);
}

void ScalingMetrics::scaled(const api::ObjectKey& key, std::int32_t from, std::int32_t to) {
    families_->count(key, families_->changes,
                     with(labels_of(key), "direction", to > from ? "up" : "down"));
}

void ScalingMetrics::evaluated_late(std::chrono::duration<double> by) {
    families_->overrun.Observe(by.count());
}

void ScalingMetrics::queried(std::chrono::duration<double> time, std::string_view failed) {
    families_->query_time.Observe(time.count());
    if (!failed.empty()) {
        families_->query_errors.Add({{"reason", std::string(failed)}}).Increment();
    }
}

void ScalingMetrics::forget(const api::ObjectKey& key) {
    const auto found = families_->series.find(key);
    if (found == families_->series.end()) return;
    for (const auto& [family, metric] : found->second.gauges) family->Remove(metric);
    for (const auto& [family, metric] : found->second.counters) family->Remove(metric);
    families_->series.erase(found);
}

}  // namespace chatflow
