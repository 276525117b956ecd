#include "controller/runtime/work_inbox.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

namespace chatflow::runtime {
namespace {

double seconds(WorkQueue::Duration time) { return std::chrono::duration<double>(time).count(); }

}  // namespace

WorkInbox::WorkInbox(asio::any_io_executor executor, Clock& clock, RuntimeMetrics& metrics,
                     const std::string& name, RetryLimits limits)
    : clock_(clock),
      metrics_(metrics.for_queue(name)),
      queue_(limits),
      changed_(executor),
      successor_(std::move(executor)) {}

void WorkInbox::add(const api::ObjectKey& key) {
    queue_.add(key, clock_.steady_now());
    changed();
}

void WorkInbox::add_after(const api::ObjectKey& key, std::chrono::steady_clock::duration delay) {
    const auto now = clock_.steady_now();
    queue_.add_at(key, now + delay, now);
    changed();
}

void WorkInbox::add_rate_limited(const api::ObjectKey& key) {
    queue_.add_rate_limited(key, clock_.steady_now());
    changed();
}

void WorkInbox::done(const api::ObjectKey& key) {
    const auto took = queue_.done(key, clock_.steady_now());
    metrics_.work_duration->Observe(seconds(took));
    changed();
}

awaitable<std::optional<api::ObjectKey>> WorkInbox::next() {
    while (!closed_) {
        if (auto taken = queue_.next(clock_.steady_now())) {
            metrics_.queue_duration->Observe(seconds(taken->waited));
            if (!is_watched_) successor_.notify_one();
            co_return std::move(taken->key);
        }
        if (is_watched_) {
            co_await successor_.wait();
        } else {
            co_await watch();
        }
    }
    co_return std::nullopt;
}

/// Until a key may be there, or another one falls due first.
awaitable<void> WorkInbox::watch() {
    using namespace asio::experimental::awaitable_operators;
    struct Watching {
        bool& is_watched;
        explicit Watching(bool& is_watched_) : is_watched(is_watched_) { is_watched = true; }
        ~Watching() { is_watched = false; }
    } watching(is_watched_);
    const std::uint64_t seen = version_;
    watched_until_ = queue_.next_due();
    if (watched_until_) {
        const auto wait = *watched_until_ - clock_.steady_now();
        co_await (wait_for_change(seen) || clock_.sleep_for(wait));
    } else {
        co_await wait_for_change(seen);
    }
}

void WorkInbox::close() {
    closed_ = true;
    changed();
    successor_.notify_all();
}

void WorkInbox::refresh_metrics() {
    const auto stats = queue_.stats(clock_.steady_now());
    metrics_.depth->Set(static_cast<double>(stats.depth));
    metrics_.adds->Increment(static_cast<double>(stats.adds) - metrics_.adds->Value());
    metrics_.retries->Increment(static_cast<double>(stats.retries) - metrics_.retries->Value());
    metrics_.unfinished_work->Set(seconds(stats.unfinished));
    metrics_.longest_running->Set(seconds(stats.longest_running));
}

// `||` starts its operands a moment later: what changed in between is seen by the version.
awaitable<void> WorkInbox::wait_for_change(std::uint64_t seen) {
    while (version_ == seen) co_await changed_.wait();
}

void WorkInbox::changed() {
    const auto due = queue_.next_due();
    const bool is_sooner = due && (!watched_until_ || *due < *watched_until_);
    if (!closed_ && !queue_.has_ready() && !is_sooner) return;
    ++version_;
    changed_.notify_all();
}

}  // namespace chatflow::runtime
