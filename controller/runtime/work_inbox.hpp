#pragma once

#include "controller/runtime/metrics.hpp"
#include "controller/runtime/work_queue.hpp"
#include "libs/async/clock.hpp"
#include "libs/async/notification.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace chatflow::runtime {

/// A WorkQueue that coroutines can wait for, with client-go's workqueue_* metrics. One executor.
class WorkInbox {
 public:
    WorkInbox(asio::any_io_executor executor, Clock& clock, RuntimeMetrics& metrics,
              const std::string& name, RetryLimits limits);

    void add(const api::ObjectKey& key);
    void add_after(const api::ObjectKey& key, std::chrono::steady_clock::duration delay);
    void add_rate_limited(const api::ObjectKey& key);
    void done(const api::ObjectKey& key);
    void forget(const api::ObjectKey& key) { queue_.forget(key); }

    /// Until a key is there; nothing once the inbox is closed.
    [[nodiscard]] awaitable<std::optional<api::ObjectKey>> next();

    /// Gives out nothing more; what waits is forgotten with the process.
    void close();

    [[nodiscard]] WorkQueue::Stats stats() const { return queue_.stats(clock_.steady_now()); }

    /// Brings the gauges up to date; called before each scrape.
    void refresh_metrics();

 private:
    awaitable<void> wait_for_change(std::uint64_t seen);
    void changed();

    Clock& clock_;
    WorkQueueMetrics metrics_;
    WorkQueue queue_;
    std::uint64_t version_ = 0;  // counts changes, so that a waiter can tell that it missed one
    bool closed_ = false;
    Notification changed_;
};

}  // namespace chatflow::runtime
