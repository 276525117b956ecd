#include "controller/reconcilers/scaling/usage_cache.hpp"

#include "libs/async/with_deadline.hpp"

#include <algorithm>
#include <utility>

namespace chatflow {

UsageCache::UsageCache(asio::any_io_executor executor, prom::Client& prometheus, const Clock& clock,
                       Namespaces namespaces, Options options)
    : executor_(std::move(executor)),
      prometheus_(prometheus),
      clock_(clock),
      namespaces_(std::move(namespaces)),
      options_(options) {}

awaitable<void> UsageCache::keep_current(prom::Resource resource) {
    Entry& entry = entry_of(resource);
    for (;;) {
        while (!entry.wanted_for) co_await entry.wanted.wait();
        co_await refresh(entry, resource);
        entry.wanted_for.reset();
        entry.done.notify_all();
    }
}

awaitable<std::shared_ptr<const UsageCache::Snapshot>> UsageCache::read(prom::Resource resource,
                                                                        std::string name_space,
                                                                        Deadline deadline) {
    Entry& entry = entry_of(resource);
    while (!is_fresh(entry, name_space)) {
        if (!entry.wanted_for) {
            entry.wanted_for = name_space;
            entry.wanted_at = std::chrono::steady_clock::now();
            entry.wanted.notify_all();
        }
        const bool may_serve = may_still_serve(entry, name_space);
        const Deadline patience = Deadline::at(entry.wanted_at + kPatience);
        try {
            co_await with_deadline(entry.done.wait(), may_serve ? patience : deadline,
                                   "reading usage from Prometheus");
        } catch (const DeadlineExceeded&) {
            if (!may_serve) throw;
            break;
        }
        if (names(entry, name_space)) break;
    }
    co_return entry.latest;
}

// A policy in a namespace that the last query did not name must not be told "no sample".
bool UsageCache::names(const Entry& entry, const std::string& name_space) {
    return entry.latest && entry.namespaces.contains(name_space);
}

bool UsageCache::is_fresh(const Entry& entry, const std::string& name_space) const {
    return std::chrono::steady_clock::now() - entry.read_at < options_.freshness &&
           names(entry, name_space);
}

// Samples carry their own times, so that what is too old for a decision is seen there.
bool UsageCache::may_still_serve(const Entry& entry, const std::string& name_space) const {
    return std::chrono::steady_clock::now() - entry.read_at < 2 * options_.freshness &&
           names(entry, name_space);
}

awaitable<void> UsageCache::refresh(Entry& entry, prom::Resource resource) {
    auto namespaces = namespaces_();
    namespaces.insert(*entry.wanted_for);  // of a policy that was deleted meanwhile
    auto snapshot = co_await ask(resource, namespaces, Deadline::after(options_.reading_max));
    entry.latest = std::make_shared<const Snapshot>(std::move(snapshot));
    entry.namespaces = std::move(namespaces);
    entry.read_at = std::chrono::steady_clock::now();
}

awaitable<UsageCache::Snapshot> UsageCache::ask(prom::Resource resource,
                                                const std::set<std::string>& namespaces,
                                                Deadline deadline) {
    const std::size_t size = std::clamp((namespaces.size() + kQueries - 1) / kQueries,
                                        kNamespacesMin, prom::kNamespacesInQueryMax);
    prom::UsageSnapshot all;
    for (auto next = namespaces.begin(); next != namespaces.end();) {
        std::set<std::string> part;
        while (next != namespaces.end() && part.size() < size) part.insert(*next++);
        const auto body = co_await prometheus_.query(
            prom::usage_query(resource, part, options_.cpu_window_seconds), {}, deadline);
        if (!body) co_return std::unexpected(body.error());
        const auto told = prom::UsageSnapshot::parse(*body, clock_.now());
        if (!told) co_return std::unexpected(told.error());
        all.add(*told);
    }
    co_return all;
}

UsageCache::Entry& UsageCache::entry_of(prom::Resource resource) {
    return entries_.try_emplace(resource, executor_).first->second;
}

}  // namespace chatflow
