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

awaitable<std::shared_ptr<const UsageCache::Snapshot>> UsageCache::read(prom::Resource resource,
                                                                        std::string name_space,
                                                                        Deadline deadline) {
    Entry& entry = entry_of(resource);
    while (!is_fresh(entry, name_space)) {
        if (!entry.is_reading) {
            co_await refresh(entry, resource, name_space, deadline);
            break;
        }
        if (may_still_serve(entry, name_space)) {
            try {
                co_await with_deadline(entry.done.wait(), Deadline::at(entry.asked_at + kPatience),
                                       "the query");
            } catch (const DeadlineExceeded&) {
                break;
            }
        } else {
            co_await entry.done.wait();
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

awaitable<void> UsageCache::refresh(Entry& entry, prom::Resource resource, std::string name_space,
                                    Deadline deadline) {
    // Whatever ends this coroutine, those who wait for it go on.
    struct Reading {
        Entry& entry;
        explicit Reading(Entry& entry_) : entry(entry_) {
            entry.is_reading = true;
            entry.asked_at = std::chrono::steady_clock::now();
        }
        ~Reading() {
            entry.is_reading = false;
            entry.done.notify_all();
        }
    } reading(entry);

    auto namespaces = namespaces_();
    namespaces.insert(name_space);  // of a policy that was deleted meanwhile
    auto snapshot = co_await ask(resource, namespaces, deadline);
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
