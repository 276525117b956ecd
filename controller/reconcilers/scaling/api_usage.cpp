#include "controller/reconcilers/scaling/api_usage.hpp"

namespace chatflow {

awaitable<std::shared_ptr<const ApiUsage::Snapshot>> ApiUsage::read(prom::Resource resource,
                                                                    std::string name_space,
                                                                    Deadline deadline) {
    const auto now = [] { return std::chrono::steady_clock::now(); };
    std::erase_if(entries_, [&](const auto& entry) {
        return !entry.second->is_reading && now() - entry.second->read_at > kUnusedFor;
    });
    auto& place = entries_[{resource, name_space}];
    if (!place) place = std::make_shared<Entry>(executor_);
    const std::shared_ptr<Entry> entry = place;
    while (entry->is_reading) co_await entry->done.wait();
    if (entry->latest && now() - entry->read_at < freshness_) co_return entry->latest;

    // Whatever ends this coroutine, those who wait for it go on.
    struct Reading {
        Entry& entry;
        explicit Reading(Entry& entry_) : entry(entry_) { entry.is_reading = true; }
        ~Reading() {
            entry.is_reading = false;
            entry.done.notify_all();
        }
    } reading(*entry);
    auto answer = co_await client_.usage(resource, std::move(name_space), deadline);
    entry->latest = std::make_shared<const Snapshot>(std::move(answer));
    entry->read_at = now();
    co_return entry->latest;
}

}  // namespace chatflow
