#include "workloads/worker/metrics.hpp"

#include <algorithm>

namespace chatflow::worker {
namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::BuildHistogram;
using prometheus::Histogram;

// 1 ms to 10 min: from a notification to an export.
const Histogram::BucketBoundaries& buckets() {
    static const Histogram::BucketBoundaries all = {
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 600};
    return all;
}

}  // namespace

MetricFamilies::MetricFamilies()
    : registry(std::make_shared<prometheus::Registry>()),
      jobs(BuildCounter()
               .Name("chatflow_worker_jobs_total")
               .Help("Attempts that ended, by outcome")
               .Register(*registry)),
      wait_seconds(BuildHistogram()
                       .Name("chatflow_worker_wait_seconds")
                       .Help("From when a job was due to when it began; first attempts")
                       .Register(*registry)),
      run_seconds(BuildHistogram()
                      .Name("chatflow_worker_run_seconds")
                      .Help("How long an attempt ran")
                      .Register(*registry)),
      running(BuildGauge()
                  .Name("chatflow_worker_running")
                  .Help("Jobs that run in this pod")
                  .Register(*registry)),
      slots(BuildGauge()
                .Name("chatflow_worker_slots")
                .Help("Jobs that can run in this pod; running / slots is its utilisation")
                .Register(*registry)),
      queue_jobs(BuildGauge()
                     .Name("chatflow_worker_queue_jobs")
                     .Help("Jobs of the queue by state; every pod shows the same")
                     .Register(*registry)),
      queue_oldest(BuildGauge()
                       .Name("chatflow_worker_queue_oldest_seconds")
                       .Help("How long the oldest job of the queue has waited")
                       .Register(*registry)),
      stalled(BuildCounter()
                  .Name("chatflow_worker_stalled_total")
                  .Help("Jobs whose worker vanished, found by this pod")
                  .Register(*registry)),
      lost(BuildCounter()
               .Name("chatflow_worker_locks_lost_total")
               .Help("Jobs of this pod that were given to another")
               .Register(*registry)) {}

QueueMetrics::QueueMetrics(MetricFamilies& families, const std::string& queue, std::uint32_t slots)
    : families_(families),
      queue_(queue),
      completed_(families.jobs.Add({{"queue", queue}, {"outcome", "completed"}})),
      failed_(families.jobs.Add({{"queue", queue}, {"outcome", "failed"}})),
      retried_(families.jobs.Add({{"queue", queue}, {"outcome", "retried"}})),
      postponed_(families.jobs.Add({{"queue", queue}, {"outcome", "postponed"}})),
      handed_back_(families.jobs.Add({{"queue", queue}, {"outcome", "handed_back"}})),
      wait_seconds_(families.wait_seconds.Add({{"queue", queue}}, buckets())),
      run_seconds_(families.run_seconds.Add({{"queue", queue}}, buckets())),
      running_(families.running.Add({{"queue", queue}})),
      oldest_(families.queue_oldest.Add({{"queue", queue}})),
      stalled_(families.stalled.Add({{"queue", queue}})),
      lost_(families.lost.Add({{"queue", queue}})) {
    families.slots.Add({{"queue", queue}}).Set(slots);
}

void QueueMetrics::on_begin(const jobs::Job& job, std::chrono::milliseconds waited) {
    if (job.attempts_started <= 1) {
        wait_seconds_.Observe(std::chrono::duration<double>(waited).count());
    }
}

void QueueMetrics::on_end(const jobs::Job& /*job*/, jobs::Outcome::Kind kind,
                          std::chrono::nanoseconds ran) {
    run_seconds_.Observe(std::chrono::duration<double>(ran).count());
    switch (kind) {
        case jobs::Outcome::Kind::Complete:
            return completed_.Increment();
        case jobs::Outcome::Kind::Fail:
            return failed_.Increment();
        case jobs::Outcome::Kind::Delay:
        case jobs::Outcome::Kind::Retry:
            return retried_.Increment();
        case jobs::Outcome::Kind::Postpone:
            return postponed_.Increment();
        case jobs::Outcome::Kind::HandBack:
        case jobs::Outcome::Kind::PutBack:
            return handed_back_.Increment();
    }
}

void QueueMetrics::on_lost(const jobs::Job& /*job*/) { lost_.Increment(); }

void QueueMetrics::on_stalled(std::size_t jobs) { stalled_.Increment(static_cast<double>(jobs)); }

prometheus::Gauge& QueueMetrics::state_of(const char* state) {
    return families_.queue_jobs.Add({{"queue", queue_}, {"state", state}});
}

void QueueMetrics::show(const jobs::QueueState& state, jobs::Milliseconds now,
                        std::size_t running) {
    running_.Set(static_cast<double>(running));
    state_of("waiting").Set(static_cast<double>(state.waiting + state.prioritized));
    state_of("active").Set(static_cast<double>(state.active));
    state_of("delayed").Set(static_cast<double>(state.delayed));
    state_of("failed").Set(static_cast<double>(state.failed));
    state_of("waiting_children").Set(static_cast<double>(state.waiting_children));
    const auto age = state.oldest ? now - *state.oldest : std::chrono::milliseconds(0);
    oldest_.Set(std::max(std::chrono::duration<double>(age).count(), 0.0));
}

}  // namespace chatflow::worker
