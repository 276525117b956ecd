#pragma once

#include "controller/clients/prometheus/client.hpp"
#include "controller/clients/prometheus/pod_usage.hpp"
#include "libs/async/clock.hpp"
#include "libs/async/notification.hpp"

#include <chrono>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

namespace chatflow {

/// One answer of Prometheus serves every policy that asks while it is fresh: however many policies
/// there are, each resource is asked for once per `freshness`, in a few queries of many namespaces
/// each, so that no answer is large. Failures are shared in the same way,
/// so that a Prometheus that is down is not asked by each policy. One executor only.
class UsageCache {
 public:
    using Snapshot = std::expected<prom::UsageSnapshot, api::MetricError>;
    using Namespaces = std::function<std::set<std::string>()>;

    struct Options {
        std::chrono::seconds freshness{5};
        std::int32_t cpu_window_seconds = 30;
    };

    /// `namespaces` names those whose pods are to be asked for; called once per query.
    UsageCache(asio::any_io_executor executor, prom::Client& prometheus, const Clock& clock,
               Namespaces namespaces, Options options);

    /// Never null. Waits for the query that runs already, if one does; where that takes longer than
    /// kPatience, what was told before it serves for as long again. A failure aside, the snapshot
    /// speaks of `name_space`.
    [[nodiscard]] awaitable<std::shared_ptr<const Snapshot>> read(prom::Resource resource,
                                                                  std::string name_space,
                                                                  Deadline deadline);

    static constexpr std::size_t kNamespacesMin = 20;  // in one query, where there are so many
    // Long for a query; short for 10,000 policies, which would all be late by the rest of it.
    static constexpr std::chrono::milliseconds kPatience{300};
    static constexpr std::size_t kQueries = 16;  // for one snapshot; more only where each is full

    /// Over which cpu usage is averaged.
    [[nodiscard]] std::int32_t window_seconds() const { return options_.cpu_window_seconds; }

 private:
    struct Entry {
        explicit Entry(asio::any_io_executor executor) : done(std::move(executor)) {}

        std::shared_ptr<const Snapshot> latest;
        std::chrono::steady_clock::time_point read_at{};
        std::chrono::steady_clock::time_point asked_at{};
        std::set<std::string> namespaces;
        bool is_reading = false;
        Notification done;
    };

    [[nodiscard]] static bool names(const Entry& entry, const std::string& name_space);
    [[nodiscard]] bool may_still_serve(const Entry& entry, const std::string& name_space) const;
    [[nodiscard]] bool is_fresh(const Entry& entry, const std::string& name_space) const;
    [[nodiscard]] awaitable<void> refresh(Entry& entry, prom::Resource resource,
                                          std::string name_space, Deadline deadline);
    [[nodiscard]] awaitable<Snapshot> ask(prom::Resource resource,
                                          const std::set<std::string>& namespaces,
                                          Deadline deadline);
    Entry& entry_of(prom::Resource resource);

    asio::any_io_executor executor_;
    prom::Client& prometheus_;
    const Clock& clock_;
    Namespaces namespaces_;
    Options options_;
    std::map<prom::Resource, Entry> entries_;
};

}  // namespace chatflow
