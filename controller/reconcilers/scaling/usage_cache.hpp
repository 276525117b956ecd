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
#include <optional>
#include <set>
#include <string>

namespace chatflow {

/// One answer of Prometheus serves every policy that asks while it is fresh: however many policies
/// there are, each resource is asked for once per `freshness`, in a few queries of many namespaces
/// each, so that no answer is large. Failures are shared in the same way, so that a Prometheus that
/// is down is not asked by each policy. Who asks is not who reads: no policy is late because it
/// came first. One executor only.
class UsageCache {
 public:
    using Snapshot = std::expected<prom::UsageSnapshot, api::MetricError>;
    using Namespaces = std::function<std::set<std::string>()>;

    struct Options {
        std::chrono::seconds freshness{5};
        std::int32_t cpu_window_seconds = 30;
        std::chrono::seconds reading_max{20};  // all queries of one snapshot
    };

    /// `namespaces` names those whose pods are to be asked for; called once per query.
    UsageCache(asio::any_io_executor executor, prom::Client& prometheus, const Clock& clock,
               Namespaces namespaces, Options options);

    /// Reads what read() is asked for, until it is cancelled: once for each resource, beside all
    /// else. Without it read() waits.
    [[nodiscard]] awaitable<void> keep_current(prom::Resource resource);

    /// Never null. Waits for a snapshot while there is no fresh one; where that takes longer than
    /// kPatience, what was told before serves for as long again. A failure aside, the snapshot
    /// speaks of `name_space`. Throws DeadlineExceeded.
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
        explicit Entry(const asio::any_io_executor& executor) : wanted(executor), done(executor) {}

        std::shared_ptr<const Snapshot> latest;
        std::chrono::steady_clock::time_point read_at{};
        std::set<std::string> namespaces;  // that it speaks of
        std::optional<std::string>
            wanted_for;  // the namespace of who asked first; until it is read
        std::chrono::steady_clock::time_point wanted_at{};
        Notification wanted, done;
    };

    [[nodiscard]] static bool names(const Entry& entry, const std::string& name_space);
    [[nodiscard]] bool may_still_serve(const Entry& entry, const std::string& name_space) const;
    [[nodiscard]] bool is_fresh(const Entry& entry, const std::string& name_space) const;
    [[nodiscard]] awaitable<void> refresh(Entry& entry, prom::Resource resource);
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
