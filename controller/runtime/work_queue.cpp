#include "controller/runtime/work_queue.hpp"

#include <algorithm>

namespace chatflow::runtime {

WorkQueue::WorkQueue(RetryLimits limits)
    : limits_(limits), bucket_(limits.retries_per_second, limits.retries_burst) {}

void WorkQueue::add(const Key& key, Moment now) {
    if (!added_.emplace(key, now).second) return;
    ++adds_;
    if (!working_.contains(key)) ready_.push_back(key);
}

void WorkQueue::add_at(const Key& key, Moment due, Moment now) {
    promote_due(now);  // a due time that has come is not one that may come earlier
    if (due <= now) return add(key, now);
    const auto [known, is_new] = due_.emplace(key, due);
    if (!is_new) {
        if (known->second <= due) return;
        delayed_.erase({known->second, key});
        known->second = due;
    }
    delayed_.emplace(due, key);
}

void WorkQueue::add_rate_limited(const Key& key, Moment now) {
    ++retries_;
    const Duration of_key = retry_delay(limits_, failures_[key]++);
    const Duration of_all = bucket_.reserve(now);
    add_at(key, now + std::max(of_key, of_all), now);
}

std::optional<WorkQueue::Taken> WorkQueue::next(Moment now) {
    promote_due(now);
    if (ready_.empty()) return std::nullopt;
    Key key = std::move(ready_.front());
    ready_.pop_front();
    const auto added = added_.find(key);
    const Duration waited = now - added->second;
    added_.erase(added);
    working_.emplace(key, now);
    return Taken{std::move(key), waited};
}

WorkQueue::Duration WorkQueue::done(const Key& key, Moment now) {
    const auto work = working_.find(key);
    if (work == working_.end()) return Duration::zero();
    const Duration took = now - work->second;
    working_.erase(work);
    if (added_.contains(key)) ready_.push_back(key);
    return took;
}

std::size_t WorkQueue::failures(const Key& key) const {
    const auto found = failures_.find(key);
    return found == failures_.end() ? 0 : found->second;
}

std::optional<WorkQueue::Moment> WorkQueue::next_due() const {
    if (delayed_.empty()) return std::nullopt;
    return delayed_.begin()->first;
}

WorkQueue::Stats WorkQueue::stats(Moment now) const {
    Stats stats{.depth = ready_.size(),
                .delayed = delayed_.size(),
                .processing = working_.size(),
                .adds = adds_,
                .retries = retries_};
    for (const auto& [key, since] : working_) {
        stats.unfinished += now - since;
        stats.longest_running = std::max(stats.longest_running, now - since);
    }
    return stats;
}

void WorkQueue::promote_due(Moment now) {
    while (!delayed_.empty() && delayed_.begin()->first <= now) {
        const Key key = delayed_.begin()->second;
        delayed_.erase(delayed_.begin());
        due_.erase(key);
        add(key, now);
    }
}

}  // namespace chatflow::runtime
