#pragma once

#include <string>

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

namespace chatflow::runtime {

/// Of one work queue; the registry owns what is pointed to.
struct WorkQueueMetrics {
    prometheus::Gauge* depth;
    prometheus::Counter* adds;
    prometheus::Counter* retries;
    prometheus::Histogram* queue_duration;
    prometheus::Histogram* work_duration;
    prometheus::Gauge* unfinished_work;
    prometheus::Gauge* longest_running;
};

/// Of one controller.
struct ControllerMetrics {
    prometheus::Counter* success;
    prometheus::Counter* error;
    prometheus::Counter* requeue_after;
    prometheus::Counter* errors;
    prometheus::Counter* terminal_errors;
    prometheus::Counter* timeouts;
    prometheus::Counter* panics;
    prometheus::Histogram* time;
    prometheus::Gauge* active_workers;
    prometheus::Gauge* max_concurrent;
};

/// Controller-runtime's and client-go's names, so that dashboards and alerts made for them work.
/// Built once from the registry that main owns.
class RuntimeMetrics {
 public:
    explicit RuntimeMetrics(prometheus::Registry& registry);

    [[nodiscard]] WorkQueueMetrics for_queue(const std::string& name);
    [[nodiscard]] ControllerMetrics for_controller(const std::string& name);

    /// 1 while this process holds the lease of that name.
    [[nodiscard]] prometheus::Gauge& leader(const std::string& lease);

    [[nodiscard]] prometheus::Gauge& cached_objects(const std::string& kind);
    [[nodiscard]] prometheus::Counter& cache_syncs(const std::string& kind);

    /// `outcome`: created, updated, suppressed, dropped, failed.
    [[nodiscard]] prometheus::Counter& events(const std::string& outcome);

 private:
    prometheus::Family<prometheus::Gauge>& queue_depth_;
    prometheus::Family<prometheus::Counter>& queue_adds_;
    prometheus::Family<prometheus::Counter>& queue_retries_;
    prometheus::Family<prometheus::Histogram>& queue_duration_;
    prometheus::Family<prometheus::Histogram>& work_duration_;
    prometheus::Family<prometheus::Gauge>& unfinished_work_;
    prometheus::Family<prometheus::Gauge>& longest_running_;
    prometheus::Family<prometheus::Counter>& reconcile_total_;
    prometheus::Family<prometheus::Counter>& reconcile_errors_;
    prometheus::Family<prometheus::Counter>& terminal_errors_;
    prometheus::Family<prometheus::Counter>& reconcile_timeouts_;
    prometheus::Family<prometheus::Counter>& reconcile_panics_;
    prometheus::Family<prometheus::Histogram>& reconcile_time_;
    prometheus::Family<prometheus::Gauge>& active_workers_;
    prometheus::Family<prometheus::Gauge>& max_concurrent_;
    prometheus::Family<prometheus::Gauge>& leader_;
    prometheus::Family<prometheus::Gauge>& cached_objects_;
    prometheus::Family<prometheus::Counter>& cache_syncs_;
    prometheus::Family<prometheus::Counter>& events_;
};

}  // namespace chatflow::runtime
