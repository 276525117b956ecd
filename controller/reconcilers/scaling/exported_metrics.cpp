#include "controller/reconcilers/scaling/exported_metrics.hpp"

#include <string>
#include <vector>

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

namespace chatflow {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Histogram;

const std::vector<double> kSeconds = {0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30};

}  // namespace

struct ScalingMetrics::Families {
    explicit Families(prometheus::Registry& registry)
        : query_errors(prometheus::BuildCounter()
                           .Name("chatflow_prometheus_query_errors_total")
                           .Help("Queries that gave no answer, by reason.")
                           .Register(registry)),
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

    Family<Counter>& query_errors;
    Histogram &query_time, &overrun;
};

ScalingMetrics::ScalingMetrics(prometheus::Registry& registry)
    : families_(std::make_unique<Families>(registry)) {}

ScalingMetrics::~ScalingMetrics() = default;

void ScalingMetrics::decided(const api::ObjectKey& key, api::ScalingMode mode,
                             const api::ScalingPolicyStatus& status) {
    policies_.decided(key, mode, status);
}

void ScalingMetrics::scaled(const api::ObjectKey& key, std::int32_t from, std::int32_t to) {
    policies_.scaled(key, to > from);
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

void ScalingMetrics::forget(const api::ObjectKey& key) { policies_.forget(key); }

}  // namespace chatflow
