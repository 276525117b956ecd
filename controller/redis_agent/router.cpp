#include "controller/redis_agent/router.hpp"

#include "controller/clients/cpprest_transport.hpp"
#include "controller/clients/kube/configured_credentials.hpp"
#include "controller/clients/kube/kubeconfig.hpp"
#include "controller/clients/redis/observe.hpp"
#include "controller/domain/redis/route.hpp"
#include "controller/redis_agent/config_files.hpp"
#include "controller/redis_agent/resolve.hpp"
#include "libs/async/task_group.hpp"
#include "libs/base/exception_text.hpp"
#include "libs/redis/errors.hpp"

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/system/system_error.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace chatflow::redis_agent {

using namespace redis_topology;
using namespace std::chrono_literals;

namespace {

constexpr auto kLookTimeout = 1000ms;
constexpr auto kActTimeout = 5s;

std::vector<Endpoint> endpoints_of(const std::vector<RoutedPod>& pods) {
    std::vector<Endpoint> endpoints;
    for (const RoutedPod& pod : pods) {
        if (!pod.pod_ip.empty()) endpoints.push_back(pod.endpoint);
    }
    return endpoints;
}

/// Soon while a replica that may be elected one day cannot be yet: without the master it never
/// could.
std::chrono::milliseconds full_look_after(const std::vector<NodeView>& nodes,
                                          const std::vector<RoutedPod>& pods) {
    const bool waits = std::ranges::any_of(nodes, [&pods](const NodeView& node) {
        const auto pod = std::ranges::find(pods, node.endpoint, &RoutedPod::endpoint);
        return node.role == NodeRole::Replica && node.priority == 0 && pod != pods.end() &&
               ordinal_of(pod->name) < kElectable;
    });
    return waits ? Router::kSoon : Router::kFullLook;
}

}  // namespace

Router::Router(Options options, Endpoint sentinel, Credentials credentials, Routes& routes,
               Clock& clock, Log log)
    : options_(std::move(options)),
      sentinel_(std::move(sentinel)),
      credentials_(std::move(credentials)),
      routes_(routes),
      clock_(clock),
      log_(std::move(log)) {}

awaitable<void> Router::run() {
    for (;;) {
        std::string failure;
        try {
            co_await look();
        } catch (const boost::system::system_error& error) {
            if (error.code() == asio::error::operation_aborted) throw;
            failure = error.what();
        } catch (const std::exception& error) {
            failure = error.what();
        }
        if (!failure.empty() && failure != last_failure_) {
            log_.warning("Cannot keep the addresses", {{"error", failure}});
        }
        last_failure_ = std::move(failure);
        co_await clock_.sleep_for(kBetweenLooks);
    }
}

awaitable<void> Router::look() {
    SentinelView sentinel = co_await observe_sentinel(sentinel_, options_.name, credentials_,
                                                      Deadline::after(kLookTimeout));
    if (!sentinel.reachable || !sentinel.master) co_return;
    const bool is_news = sentinel.master != routed_master_ || sentinel.epoch != routed_epoch_;
    if (!is_news && clock_.steady_now() < next_full_look_) co_return;
    co_await act(std::move(sentinel));
}

awaitable<void> Router::act(SentinelView sentinel) {
    const auto deadline = Deadline::after(kActTimeout);
    const auto max_lag = read_settings(options_).max_lag;
    const auto pods = co_await routes_.pods(deadline);
    const auto nodes =
        co_await observe_nodes(endpoints_of(pods), credentials_, deadline.but_within(kLookTimeout));
    const auto master = std::ranges::find(nodes, *sentinel.master, &NodeView::endpoint);
    if (master == nodes.end()) co_return;

    StoredRoute write_route = co_await routes_.read("rw", deadline);
    if (auto next = next_write_route(write_route.route, sentinel, *master, pods)) {
        co_await write("rw", std::move(write_route), std::move(*next), deadline);
    } else if (write_route.route.epoch >= sentinel.epoch) {
        // Either it leads there, or others know of a newer epoch than this Sentinel.
        routed_master_ = sentinel.master;
        routed_epoch_ = sentinel.epoch;
        next_full_look_ = clock_.steady_now() + full_look_after(nodes, pods);
    }
    StoredRoute read_route = co_await routes_.read("ro", deadline);
    if (auto next = next_read_route(read_route.route, sentinel, *master, pods, max_lag.count())) {
        co_await write("ro", std::move(read_route), std::move(*next), deadline);
    }
    for (const Endpoint& replica : to_make_electable(*master, nodes, pods)) {
        co_await set_normal_priority(replica, deadline);
        log_.info("Replica has a copy and may be elected", {{"replica", to_string(replica)}});
    }
    for (const Endpoint& node : preferences_.left_behind(nodes, clock_.steady_now())) {
        co_await set_normal_priority(node, deadline);
        log_.info("A hand-over that has died preferred this node; it is like others again",
                  {{"node", to_string(node)}});
    }
}

awaitable<void> Router::set_normal_priority(Endpoint node, Deadline deadline) {
    const std::string priority = std::to_string(kNormal);
    redis::Command command{"CONFIG", "SET", "replica-priority", priority};
    co_await ask_one(std::move(node), credentials_, std::move(command), deadline);
}

awaitable<void> Router::write(const char* part, StoredRoute stored, Route route,
                              Deadline deadline) {
    const std::string from = fmt::format("{}", fmt::join(stored.route.pod_ips, ","));
    const std::string to = fmt::format("{}", fmt::join(route.pod_ips, ","));
    const std::int64_t epoch = route.epoch;
    if (co_await routes_.write(std::move(stored), std::move(route), deadline)) {
        log_.info("Address leads elsewhere",
                  {{"address", part}, {"from", from}, {"to", to}, {"epoch", epoch}});
    }
}

void run_router(const Options& options, const Log& log) {
    const char* host = std::getenv("KUBERNETES_SERVICE_HOST");
    const char* port = std::getenv("KUBERNETES_SERVICE_PORT");
    if (host == nullptr || port == nullptr) throw std::runtime_error("not in a pod");
    const auto access = kube::in_cluster_access(host, port, kube::kServiceAccountFolder);
    const auto sentinel = resolve(options.self);
    if (!sentinel) throw std::runtime_error("the Sentinel has no address");

    asio::io_context loop;
    SystemClock clock;
    BlockingPool files(1, 16);
    const auto transport = clients::make_cpprest_transport({.base_url = access.server});
    kube::ConfiguredCredentials credentials(access, clock, files);
    kube::Client client(*transport, credentials, clock);
    Routes routes(client, options.name_space, options.name);
    Router router(options, *sentinel, credentials_of(options), routes, clock, log);

    TaskGroup tasks(loop.get_executor(), [&log](const std::exception_ptr& error) {
        log.error("Router ended", {{"error", what_of(error)}});
    });
    tasks.spawn(router.run());
    asio::signal_set signals(loop, SIGTERM, SIGINT);
    signals.async_wait([&tasks](const boost::system::error_code&, int) { tasks.cancel(); });
    asio::co_spawn(loop, tasks.wait(), [&](const std::exception_ptr&) { signals.cancel(); });
    loop.run();
}

}  // namespace chatflow::redis_agent
