#pragma once

#include "controller/runtime/controller.hpp"
#include "controller/runtime/health.hpp"
#include "controller/runtime/leader_elector.hpp"
#include "controller/runtime/watch_cache.hpp"
#include "libs/async/notification.hpp"
#include "libs/async/task_group.hpp"
#include "libs/http/server.hpp"

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace chatflow::runtime {

struct ManagerOptions {
    std::string health_address;  // empty: all
    std::uint16_t health_port = 8081;
    std::string metrics_address;
    std::uint16_t metrics_port = 8080;
    std::chrono::seconds grace{28};  // below the 30 s after which a pod is killed
};

/// Starts and stops what the controller is made of, in two orders. Start: HTTP, services and
/// caches; then, once all caches have synced and this process leads, the controllers. Stop: the
/// reverse, with the lease released as soon as the last reconciliation has ended. What is added
/// outlives the manager's run(). One executor.
class Manager {
 public:
    Manager(asio::any_io_executor executor, Clock& clock, const Log& log,
            const prometheus::Registry& registry, ManagerOptions options);
    ~Manager();

    void add_cache(Cache& cache);
    void add_controller(Controller& controller);

    /// Runs on every replica, leader or not. When it throws, the process ends.
    void add_service(std::string name, std::function<awaitable<void>()> run);

    /// Called once the controllers have ended, while services and caches still run: the last
    /// chance to write, until the deadline.
    void at_stop(std::string name, std::function<awaitable<void>(Deadline)> flush);

    void add_ready_check(ReadyCheck check);

    /// Called before each scrape, for gauges that are read rather than written.
    void before_scrape(std::function<void()> refresh);

    /// Text that comes piece by piece; "" is its end.
    using Pieces = std::function<std::string()>;

    /// Called at each scrape, for series in Prometheus' text format that no registry holds. The
    /// pieces are asked for as fast as the peer takes them.
    void at_scrape(std::function<Pieces()> begin);

    /// Without it, the controllers start as soon as the caches have synced.
    void use_leader_election(LeaderElector& elector);

    /// More pages beside /healthz and /readyz; before run().
    [[nodiscard]] http::Router& routes() { return health_routes_; }

    /// Until SIGTERM, SIGINT or request_stop(), then an orderly stop. Throws LeadershipLost, or
    /// what a service threw, after all has ended: the process then exits with a failure.
    [[nodiscard]] awaitable<void> run();

    void request_stop();

    /// Of the running servers, for tests with port 0.
    [[nodiscard]] std::uint16_t health_port() const { return health_server_->port(); }
    [[nodiscard]] std::uint16_t metrics_port() const { return metrics_server_->port(); }

 private:
    struct Service {
        std::string name;
        std::function<awaitable<void>()> run;
    };
    struct StopHook {
        std::string name;
        std::function<awaitable<void>(Deadline)> flush;
    };

    void start_servers();
    void fail(const std::string& what, const std::exception_ptr& error);
    awaitable<void> heed_signals();
    awaitable<void> lead();
    awaitable<void> wait_for_caches();
    awaitable<void> stop();
    awaitable<void> stop_controllers(Deadline deadline);
    awaitable<void> release_lease(Deadline deadline);
    awaitable<void> flush(Deadline deadline);
    [[nodiscard]] http::Response ready_response(const http::Request& request) const;
    [[nodiscard]] http::Response metrics_response();

    asio::any_io_executor executor_;
    Clock& clock_;
    Log log_;
    const prometheus::Registry& registry_;
    ManagerOptions options_;

    std::vector<Cache*> caches_;
    std::vector<Controller*> controllers_;
    std::vector<Service> services_;
    std::vector<StopHook> stop_hooks_;
    std::vector<ReadyCheck> checks_;
    std::vector<std::function<void()>> refreshers_;
    std::vector<std::function<Pieces()>> page_parts_;
    LeaderElector* elector_ = nullptr;

    http::Router health_routes_;
    http::Router metrics_routes_;
    std::unique_ptr<http::Server> health_server_;
    std::unique_ptr<http::Server> metrics_server_;

    bool stop_requested_ = false;
    std::exception_ptr failure_;
    Notification ended_;
    TaskGroup signal_tasks_;
    TaskGroup service_tasks_;
    TaskGroup cache_tasks_;
    TaskGroup leader_tasks_;
};

}  // namespace chatflow::runtime
