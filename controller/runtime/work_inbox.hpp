#pragma once

#include "controller/runtime/metrics.hpp"
#include "controller/runtime/work_queue.hpp"
#include "libs/async/clock.hpp"
#include "libs/async/notification.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace chatflow::runtime {

/// A WorkQueue that coroutines can wait for, with client-go's workqueue_* metrics. Of those who
/// wait, one watches clock and changes, and wakes the next when it has found work: a key costs the
/// same however many wait. They are cancelled together. One executor.
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
    awaitable<void> watch();
    awaitable<void> wait_for_change(std::uint64_t seen);
    void changed();

    Clock& clock_;
    WorkQueueMetrics metrics_;
    WorkQueue queue_;
    std::uint64_t version_ = 0;  // counts changes, so that the watcher can tell that it missed one
    bool closed_ = false;
    bool is_watched_ = false;
    std::optional<WorkQueue::Moment> watched_until_;  // nothing: no key falls due
    Notification changed_;                            // for who watches
    Notification successor_;                          // for the others who wait
};

}  // namespace chatflow::runtime
