#pragma once

#include "libs/async/blocking_pool.hpp"
#include "libs/async/clock.hpp"
#include "libs/async/task_group.hpp"
#include "libs/base/log.hpp"
#include "libs/http/server.hpp"
#include "libs/jobs/queue_worker.hpp"
#include "workloads/worker/chat_store.hpp"
#include "workloads/worker/config.hpp"
#include "workloads/worker/metrics.hpp"
#include "workloads/worker/outgoing_http.hpp"

#include <memory>
#include <vector>

#include <boost/asio/io_context.hpp>

namespace chatflow::worker {

/// The whole program but for main: one event loop that works on all queues, and serves health and
/// metrics. Constructed means bound to its port.
class Worker {
 public:
    Worker(Config config, Log log);
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    /// Works until SIGTERM or SIGINT; then takes no more jobs, lets the running ones end within the
    /// shutdown grace, hands the others back, and returns.
    void run();

 private:
    struct Queue;

    [[nodiscard]] jobs::Processor processor_of(const QueueConfig& queue);
    [[nodiscard]] jobs::Processor with_review(const QueueConfig& queue, jobs::Processor inner);
    awaitable<void> live();
    awaitable<void> shut_down();
    awaitable<http::Response> show_ready(const http::Request& request);
    awaitable<http::Response> show_metrics(const http::Request& request);

    const Config config_;
    Log log_;
    SystemClock clock_;
    MetricFamilies metrics_;
    asio::io_context context_{1};
    TaskGroup tasks_;
    BlockingPool pool_;
    redis::Client redis_;
    std::unique_ptr<PictureStore> pictures_;
    OutgoingHttp http_;
    std::unique_ptr<ChatStore> store_;  // none without PostgreSQL
    std::vector<std::unique_ptr<Queue>> queues_;
    bool is_stopping_ = false;
    http::Router routes_;
    http::Server server_;
};

}  // namespace chatflow::worker
