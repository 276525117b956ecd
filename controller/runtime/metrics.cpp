#include "controller/runtime/metrics.hpp"

namespace chatflow::runtime {
namespace {

using prometheus::Counter;
using prometheus::Gauge;
using prometheus::Histogram;

using Buckets = Histogram::BucketBoundaries;

// Controller-runtime's, so that quantiles of both can be compared. In seconds.
const Buckets& reconcile_buckets() {
    static const Buckets kBuckets = {0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3,  0.35,
                                     0.4,   0.45, 0.5,   0.6,  0.7, 0.8,  0.9, 1.0,  1.25, 1.5,
                                     1.75,  2.0,  2.5,   3.0,  3.5, 4.0,  4.5, 5,    6,    7,
                                     8,     9,    10,    15,   20,  25,   30,  40,   50,   60};
    return kBuckets;
}

// client-go's: 10 ns times powers of ten.
const Buckets& queue_buckets() {
    static const Buckets kBuckets = {1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3,
                                     1e-2, 1e-1, 1,    10,   100,  1000};
    return kBuckets;
}

template <class Metric>
prometheus::Family<Metric>& family(prometheus::Registry& registry, const char* name,
                                   const char* help) {
    if constexpr (std::is_same_v<Metric, Counter>) {
        return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
    } else if constexpr (std::is_same_v<Metric, Gauge>) {
        return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
    } else {
        return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
    }
}

}  // namespace

RuntimeMetrics::RuntimeMetrics(prometheus::Registry& registry)
    : queue_depth_(family<Gauge>(registry, "workqueue_depth", "Keys that wait for a worker")),
      queue_adds_(family<Counter>(registry, "workqueue_adds_total", "Keys that were added")),
      queue_retries_(family<Counter>(registry, "workqueue_retries_total",
                                     "Keys that were added again after a failure")),
      queue_duration_(family<Histogram>(registry, "workqueue_queue_duration_seconds",
                                        "How long a key waited for a worker")),
      work_duration_(family<Histogram>(registry, "workqueue_work_duration_seconds",
                                       "How long a worker was busy with a key")),
      unfinished_work_(family<Gauge>(registry, "workqueue_unfinished_work_seconds",
                                     "Age of the work going on, summed over its keys")),
      longest_running_(family<Gauge>(registry, "workqueue_longest_running_processor_seconds",
                                     "Age of the oldest work going on")),
      reconcile_total_(family<Counter>(registry, "controller_runtime_reconcile_total",
                                       "Reconciliations, by their result")),
      reconcile_errors_(family<Counter>(registry, "controller_runtime_reconcile_errors_total",
                                        "Reconciliations that failed")),
      terminal_errors_(family<Counter>(registry,
                                       "controller_runtime_terminal_reconcile_errors_total",
                                       "Reconciliations that failed and are not retried")),
      reconcile_timeouts_(family<Counter>(registry, "controller_runtime_reconcile_timeouts_total",
                                          "Reconciliations that took too long")),
      reconcile_panics_(family<Counter>(registry, "controller_runtime_reconcile_panics_total",
                                        "Reconciliations that threw what is no std::exception")),
      reconcile_time_(family<Histogram>(registry, "controller_runtime_reconcile_time_seconds",
                                        "How long a reconciliation took")),
      active_workers_(family<Gauge>(registry, "controller_runtime_active_workers",
                                    "Workers that reconcile now")),
      max_concurrent_(family<Gauge>(registry, "controller_runtime_max_concurrent_reconciles",
                                    "Workers that there are")),
      leader_(family<Gauge>(registry, "leader_election_master_status",
                            "1 while this process holds the lease")),
      cached_objects_(
          family<Gauge>(registry, "chatflow_cache_objects", "Objects in the watch cache, by kind")),
      cache_syncs_(family<Counter>(registry, "chatflow_cache_syncs_total",
                                   "Times that a watch cache was filled anew, by kind")),
      events_(family<Counter>(registry, "chatflow_events_total",
                              "Kubernetes events, by what became of them")) {}

WorkQueueMetrics RuntimeMetrics::for_queue(const std::string& name) {
    const prometheus::Labels labels = {{"name", name}, {"controller", name}};
    return {.depth = &queue_depth_.Add(labels),
            .adds = &queue_adds_.Add(labels),
            .retries = &queue_retries_.Add(labels),
            .queue_duration = &queue_duration_.Add(labels, queue_buckets()),
            .work_duration = &work_duration_.Add(labels, queue_buckets()),
            .unfinished_work = &unfinished_work_.Add(labels),
            .longest_running = &longest_running_.Add(labels)};
}

ControllerMetrics RuntimeMetrics::for_controller(const std::string& name) {
    const prometheus::Labels labels = {{"controller", name}};
    const auto result = [this, &name](const char* value) {
        return &reconcile_total_.Add({{"controller", name}, {"result", value}});
    };
    return {.success = result("success"),
            .error = result("error"),
            .requeue_after = result("requeue_after"),
            .errors = &reconcile_errors_.Add(labels),
            .terminal_errors = &terminal_errors_.Add(labels),
            .timeouts = &reconcile_timeouts_.Add(labels),
            .panics = &reconcile_panics_.Add(labels),
            .time = &reconcile_time_.Add(labels, reconcile_buckets()),
            .active_workers = &active_workers_.Add(labels),
            .max_concurrent = &max_concurrent_.Add(labels)};
}

Gauge& RuntimeMetrics::leader(const std::string& lease) { return leader_.Add({{"name", lease}}); }

Gauge& RuntimeMetrics::cached_objects(const std::string& kind) {
    return cached_objects_.Add({{"kind", kind}});
}

Counter& RuntimeMetrics::cache_syncs(const std::string& kind) {
    return cache_syncs_.Add({{"kind", kind}});
}

Counter& RuntimeMetrics::events(const std::string& outcome) {
    return events_.Add({{"outcome", outcome}});
}

}  // namespace chatflow::runtime
