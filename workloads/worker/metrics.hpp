#pragma once

#include "libs/jobs/queue_admin.hpp"
#include "libs/jobs/queue_worker.hpp"

#include <memory>
#include <string>

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

namespace chatflow::worker {

/// What all queues count into. The names are in docs/worker.md.
struct MetricFamilies {
    MetricFamilies();

    std::shared_ptr<prometheus::Registry> registry;
    prometheus::Family<prometheus::Counter>& jobs;
    prometheus::Family<prometheus::Histogram>& wait_seconds;
    prometheus::Family<prometheus::Histogram>& run_seconds;
    prometheus::Family<prometheus::Gauge>& running;
    prometheus::Family<prometheus::Gauge>& slots;
    prometheus::Family<prometheus::Gauge>& queue_jobs;
    prometheus::Family<prometheus::Gauge>& queue_oldest;
    prometheus::Family<prometheus::Counter>& stalled;
    prometheus::Family<prometheus::Counter>& lost;
};

/// What one queue counts.
class QueueMetrics final : public jobs::WorkerObserver {
 public:
    QueueMetrics(MetricFamilies& families, const std::string& queue, std::uint32_t slots);

    void on_begin(const jobs::Job& job, std::chrono::milliseconds waited) override;
    void on_end(const jobs::Job& job, jobs::Outcome::Kind kind,
                std::chrono::nanoseconds ran) override;
    void on_lost(const jobs::Job& job) override;
    void on_stalled(std::size_t jobs) override;

    void show(const jobs::QueueState& state, jobs::Milliseconds now, std::size_t running);

 private:
    prometheus::Gauge& state_of(const char* state);

    MetricFamilies& families_;
    std::string queue_;
    prometheus::Counter& completed_;
    prometheus::Counter& failed_;
    prometheus::Counter& retried_;
    prometheus::Counter& postponed_;
    prometheus::Counter& handed_back_;
    prometheus::Histogram& wait_seconds_;
    prometheus::Histogram& run_seconds_;
    prometheus::Gauge& running_;
    prometheus::Gauge& oldest_;
    prometheus::Counter& stalled_;
    prometheus::Counter& lost_;
};

}  // namespace chatflow::worker
