#include "workloads/worker/worker.hpp"

#include "libs/async/log_failures.hpp"
#include "libs/async/signals.hpp"
#include "libs/async/with_deadline.hpp"
#include "libs/http/metrics_page.hpp"
#include "libs/jobs/now.hpp"
#include "libs/redis/errors.hpp"
#include "workloads/worker/picture_store.hpp"
#include "workloads/worker/processors/processor.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <nlohmann/json.hpp>

namespace chatflow::worker {
namespace {

using namespace std::chrono_literals;

constexpr auto kCallTime = 2s;               // for one look at a queue
constexpr std::size_t kPoolThreadsMax = 64;  // that wait for callbacks and child processes

std::size_t blocking_jobs(const Config& config) {
    std::size_t count = 0;
    for (const QueueConfig& queue : config.queues) {
        if (queue.processor != ProcessorKind::Echo) count += queue.concurrency;
    }
    return std::max<std::size_t>(count, 1);
}

jobs::WorkerOptions options_of(const Config& config, const QueueConfig& queue) {
    return {.name = config.name,
            .concurrency = queue.concurrency,
            .lock_time = config.lock_time,
            .stalled_interval = config.stalled_interval,
            .limit = {.jobs = queue.rate_jobs, .time = queue.rate_time}};
}

// A job for people: what failed, why, and with what.
jobs::NewJob review_of(const jobs::Job& job, const std::string& queue, const std::string& reason) {
    using nlohmann::json;
    const json data = {{"queue", queue},   {"id", job.id},     {"name", job.name},
                       {"data", job.data}, {"reason", reason}, {"attempts", job.attempts_made + 1}};
    jobs::NewJob review{.name = "review",
                        .data = data.dump(-1, ' ', false, json::error_handler_t::replace)};
    // Once, though the last attempt may run twice.
    review.options.job_id = "review-" + queue + "-" + job.id;
    std::ranges::replace(review.options.job_id, ':', '-');
    return review;
}

}  // namespace

struct Worker::Queue {
    Queue(Worker& owner, const QueueConfig& config)
        : metrics(owner.metrics_, config.name, config.concurrency),
          admin(owner.redis_, {.prefix = owner.config_.prefix, .queue = config.name}),
          worker(owner.context_.get_executor(), owner.redis_, owner.config_.redis,
                 {.prefix = owner.config_.prefix, .queue = config.name},
                 options_of(owner.config_, config), owner.processor_of(config), metrics,
                 owner.log_) {}

    QueueMetrics metrics;
    jobs::QueueAdmin admin;
    jobs::QueueWorker worker;
};

Worker::Worker(Config config, Log log)
    : config_(std::move(config)),
      log_(std::move(log)),
      tasks_(context_.get_executor(), log_failures(log_)),
      pool_(std::min(blocking_jobs(config_), kPoolThreadsMax), blocking_jobs(config_)),
      redis_(context_.get_executor(), config_.redis, log_),
      pictures_(open_pictures(config_, clock_)),
      http_(pool_),
      server_(context_.get_executor(), clock_, routes_, log_,
              {.address = config_.http_host, .port = config_.http_port}) {
    if (!config_.postgres.host.empty()) {
        store_ = std::make_unique<ChatStore>(config_.postgres, log_);
    }
    for (const QueueConfig& queue : config_.queues) {
        queues_.push_back(std::make_unique<Queue>(*this, queue));
    }
    routes_.add(http::Method::Get, "/health/live",
                [](const http::Request&) -> awaitable<http::Response> {
                    co_return http::json(200, R"({"status":"ok"})");
                });
    routes_.add(http::Method::Get, "/health/ready",
                [this](const http::Request& request) { return show_ready(request); });
    routes_.add(http::Method::Get, "/metrics",
                [this](const http::Request& request) { return show_metrics(request); });
}

Worker::~Worker() = default;

jobs::Processor Worker::processor_of(const QueueConfig& queue) {
    jobs::Processor processor;
    switch (queue.processor) {
        case ProcessorKind::Callback:
            processor = callback_processor(queue, http_);
            break;
        case ProcessorKind::Payments:
            processor = payment_processor(queue, http_);
            break;
        case ProcessorKind::Exports:
            processor = export_processor(config_.export_folder, *store_, pool_);
            break;
        case ProcessorKind::Audits:
            processor = audit_processor(queue, *store_, redis_);
            break;
        case ProcessorKind::Notifications:
            processor = notification_processor(queue, config_.email, http_, redis_, store_.get());
            break;
        case ProcessorKind::Workflows:
            processor = workflow_processor(
                queue, {.prefix = config_.prefix, .queue = "notifications"}, http_, redis_);
            break;
        case ProcessorKind::Thumbnail:
            processor = thumbnail_processor(*pictures_, pool_);
            break;
        case ProcessorKind::Echo:
            processor = echo_processor();
            break;
    }
    return queue.review_queue.empty() ? processor : with_review(queue, std::move(processor));
}

jobs::Processor Worker::with_review(const QueueConfig& queue, jobs::Processor inner) {
    auto run = [this, inner = std::move(inner),
                queue](jobs::RunningJob& running) -> awaitable<std::string> {
        std::exception_ptr failure;
        std::string reason;
        bool is_final = running.job().attempts_made + 1 >= running.job().options.attempts;
        try {
            co_return co_await inner(running);
        } catch (const jobs::Postponed&) {
            throw;
        } catch (const jobs::Unrecoverable& error) {
            failure = std::current_exception();
            reason = error.what();
            is_final = true;
        } catch (const std::exception& error) {
            failure = std::current_exception();
            reason = error.what();
        }
        if (is_final && !is_cancellation(failure)) {
            jobs::Producer reviews(redis_, {.prefix = config_.prefix, .queue = queue.review_queue});
            auto review = review_of(running.job(), queue.name, reason);
            co_await reviews.add(std::move(review), Deadline::after(kCallTime));
        }
        std::rethrow_exception(failure);
    };
    return run;
}

void Worker::run() {
    asio::co_spawn(context_, live(), asio::detached);
    context_.run();
    log_.info("Stopped");
}

awaitable<void> Worker::live() {
    server_.start();
    tasks_.spawn(redis_.run());
    for (const auto& queue : queues_) {
        queue->worker.start();
        log_.info("Working", {{"queue", queue->worker.keys().queue},
                              {"concurrency", queue->worker.options().concurrency},
                              {"http_port", server_.port()}});
    }
    co_await wait_for_shutdown_signal();
    co_await shut_down();
}

awaitable<void> Worker::shut_down() {
    const auto deadline = Deadline::after(config_.shutdown_grace);
    is_stopping_ = true;
    log_.info("Shutting down", {{"grace_seconds", config_.shutdown_grace.count()}});
    // All queues at once, so that each has the whole grace.
    TaskGroup stopping(context_.get_executor(), log_failures(log_));
    for (const auto& queue : queues_) stopping.spawn(queue->worker.stop(deadline));
    co_await stopping.wait();
    co_await server_.stop(Deadline::after(100ms));
    tasks_.cancel();
    co_await tasks_.wait();
}

// ---- what probes and Prometheus are told ---------------------------------------------------

awaitable<http::Response> Worker::show_ready(const http::Request&) {
    nlohmann::json body = {{"status", "ok"}, {"dependencies", nlohmann::json::object()}};
    std::string reason = redis_.is_connected() ? "" : redis_.last_error();
    for (const auto& queue : queues_) {
        if (reason.empty()) reason = queue->worker.trouble();
    }
    auto& redis = body["dependencies"]["redis"];
    redis = {{"up", reason.empty()}};
    if (!reason.empty()) redis["reason"] = reason;
    if (is_stopping_) body["reason"] = "shutting down";
    const bool is_ready = reason.empty() && !is_stopping_;
    if (!is_ready) body["status"] = "unavailable";
    co_return http::json(is_ready ? 200 : 503, body.dump());
}

awaitable<http::Response> Worker::show_metrics(const http::Request&) {
    for (const auto& queue : queues_) {
        try {
            const auto state = co_await queue->admin.state(Deadline::after(kCallTime));
            queue->metrics.show(state, jobs::now_ms(), queue->worker.running());
        } catch (const redis::Error& error) {
            log_.debug("The queue could not be looked at", {{"error", error.what()}});
        }
    }
    co_return http::metrics_page(*metrics_.registry);
}

}  // namespace chatflow::worker
