#pragma once

#include "controller/clients/redis/ask.hpp"
#include "controller/clients/redis/routes.hpp"
#include "controller/domain/redis/preference.hpp"
#include "controller/redis_agent/options.hpp"
#include "libs/async/clock.hpp"
#include "libs/base/log.hpp"

#include <chrono>
#include <optional>

namespace chatflow::redis_agent {

/// Leads -rw to the master that the Sentinel beside it names, and -ro to the replicas in sync.
/// Several of them work side by side; whoever is later finds the work done.
class Router {
 public:
    Router(Options options, redis_topology::Endpoint sentinel,
           redis_topology::Credentials credentials, redis_topology::Routes& routes, Clock& clock,
           Log log);

    /// Until cancelled. Failures are logged once and tried again.
    [[nodiscard]] awaitable<void> run();

    /// One look; acts when the Sentinel names another master or epoch, and each kFullLook, or
    /// kSoon while a replica is not electable yet.
    [[nodiscard]] awaitable<void> look();

    static constexpr std::chrono::milliseconds kBetweenLooks{250};
    static constexpr std::chrono::seconds kFullLook{5};
    static constexpr std::chrono::seconds kSoon{1};

 private:
    [[nodiscard]] awaitable<void> act(redis_topology::SentinelView sentinel);
    [[nodiscard]] awaitable<void> write(const char* part, redis_topology::StoredRoute stored,
                                        redis_topology::Route route, Deadline deadline);
    [[nodiscard]] awaitable<void> set_normal_priority(redis_topology::Endpoint node,
                                                      Deadline deadline);

    Options options_;
    redis_topology::Endpoint sentinel_;
    redis_topology::Credentials credentials_;
    redis_topology::Routes& routes_;
    Clock& clock_;
    Log log_;
    redis_topology::Preferences preferences_;
    std::optional<redis_topology::Endpoint> routed_master_;
    std::int64_t routed_epoch_ = -1;
    std::chrono::steady_clock::time_point next_full_look_{};
    std::string last_failure_;
};

/// The whole of `chatflow-redis route`: until SIGTERM.
void run_router(const Options& options, const Log& log);

}  // namespace chatflow::redis_agent
