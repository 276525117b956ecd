#include "controller/reconcilers/scaling/usage_cache.hpp"

#include <algorithm>

namespace chatflow {

UsageCache::UsageCache(asio::any_io_executor executor, prom::Client& prometheus,
                       Namespaces namespaces, Options options)
    : executor_(std::move(executor)),
      prometheus_(prometheus),
      namespaces_(std::move(namespaces)),
      options_(options) {}

awaitable<std::shared_ptr<const UsageCache::Snapshot>> UsageCache::read(prom::Resource resource,
                                                                        Deadline deadline) {
    Entry& entry = entry_of(resource);
    while (!is_fresh(entry)) {
        if (!entry.is_reading) {
            co_await refresh(entry, resource, deadline);
            break;
        }
        co_await entry.done.wait();
        if (names_all(entry)) break;
    }
    co_return entry.latest;
}

bool UsageCache::is_fresh(const Entry& entry) const {
    return std::chrono::steady_clock::now() - entry.read_at < options_.freshness &&
           names_all(entry);
}

bool UsageCache::names_all(const Entry& entry) const {
    // A policy in a namespace that the last query did not name must not be told "no sample".
    return entry.latest && std::ranges::includes(entry.namespaces, namespaces_());
}

awaitable<void> UsageCache::refresh(Entry& entry, prom::Resource resource, Deadline deadline) {
    // Whatever ends this coroutine, those who wait for it go on.
    struct Reading {
        Entry& entry;
        explicit Reading(Entry& entry_) : entry(entry_) { entry.is_reading = true; }
        ~Reading() {
            entry.is_reading = false;
            entry.done.notify_all();
        }
    } reading(entry);

    const auto namespaces = namespaces_();
    const auto body = co_await prometheus_.query(
        prom::usage_query(resource, namespaces, options_.cpu_window_seconds), {}, deadline);
    auto snapshot = body ? prom::UsageSnapshot::parse(*body) : std::unexpected(body.error());
    entry.latest = std::make_shared<const Snapshot>(std::move(snapshot));
    entry.namespaces = namespaces;
    entry.read_at = std::chrono::steady_clock::now();
}

UsageCache::Entry& UsageCache::entry_of(prom::Resource resource) {
    return entries_.try_emplace(resource, executor_).first->second;
}

}  // namespace chatflow
