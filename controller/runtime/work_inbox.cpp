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
      changed_(std::move(executor)) {}

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
    using namespace asio::experimental::awaitable_operators;
    while (!closed_) {
        const auto now = clock_.steady_now();
        if (auto taken = queue_.next(now)) {
            metrics_.queue_duration->Observe(seconds(taken->waited));
            co_return std::move(taken->key);
        }
        const std::uint64_t seen = version_;
        if (const auto due = queue_.next_due()) {
            co_await (wait_for_change(seen) || clock_.sleep_for(*due - now));
        } else {
            co_await wait_for_change(seen);
        }
    }
    co_return std::nullopt;
}

void WorkInbox::close() {
    closed_ = true;
    changed();
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
    ++version_;
    changed_.notify_all();
}

}  // namespace chatflow::runtime
