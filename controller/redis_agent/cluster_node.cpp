#include "controller/redis_agent/cluster_node.hpp"

#include "controller/clients/redis/cluster_steps.hpp"
#include "controller/clients/redis/observe.hpp"
#include "controller/redis_agent/config_files.hpp"
#include "controller/redis_agent/resolve.hpp"
#include "controller/redis_agent/start.hpp"
#include "libs/redis/errors.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <stdexcept>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

namespace chatflow::redis_agent {
namespace {

using namespace redis_topology;
using namespace std::chrono_literals;

constexpr auto kBetweenLooks = 250ms;
constexpr auto kLookTimeout = 1000ms;
constexpr auto kHandOverTimeout = 30s;  // within the pod's grace

/// What the node knew of its cluster when it ended.
ClusterView remembered(const Options& options) {
    const auto file = std::filesystem::path(options.folder) / "nodes.conf";
    return std::filesystem::exists(file) ? cluster_from_nodes(read_file(file)) : ClusterView{};
}

/// Whether somebody still takes this node for the master of slots while a replica of it holds keys.
awaitable<bool> must_wait(ClusterView memory, Credentials credentials) {
    const KnownNode* self = self_of(memory);
    if (self == nullptr || !self->is_master || self->slots.empty()) co_return false;
    std::vector<Endpoint> replicas;
    for (const KnownNode& node : memory.known) {
        if (node.master_id == self->id) replicas.push_back(node.endpoint);
    }
    const auto deadline = Deadline::after(kLookTimeout);
    const auto nodes = co_await observe_nodes(replicas, credentials, deadline);
    const bool has_copy = std::ranges::any_of(nodes, [](const NodeView& node) {
        return node.role == NodeRole::Replica && node.keys > 0;
    });
    co_return has_copy;
}

/// Whether the cluster takes this node, which is new, for one that is gone with its volume. If it
/// answered now, nobody would find the gone one dead, and no replica would be elected.
awaitable<bool> is_taken_for_another(Endpoint self, std::vector<Endpoint> seeds,
                                     Credentials credentials) {
    const auto deadline = Deadline::after(kLookTimeout);
    const auto views = co_await observe_cluster(std::move(seeds), credentials, deadline);
    co_return std::ranges::any_of(views, [&self](const ClusterView& view) {
        const auto gone = std::ranges::find_if(view.known, [&self](const KnownNode& node) {
            return node.endpoint == self && node.is_master && !node.slots.empty();
        });
        if (gone == view.known.end()) return false;
        return std::ranges::any_of(view.known, [&gone](const KnownNode& node) {
            return node.master_id == gone->id && !node.has_failed;
        });
    });
}

awaitable<Endpoint> pass_cluster_gate(Options options, Credentials credentials, Clock& clock,
                                      Log log) {
    const ClusterView memory = remembered(options);
    const bool is_at_risk = options.ephemeral || !has_data(options.folder);
    std::string told;
    for (;;) {
        std::string waits_for;
        const auto self = resolve(options.self);
        if (!self) {
            waits_for = options.self.host + " has no address yet";
        } else if (is_at_risk && co_await must_wait(memory, credentials)) {
            waits_for = "this node is empty and was master: a replica has to take over first";
        } else if (memory.known.empty() &&
                   co_await is_taken_for_another(*self, resolve(options.nodes), credentials)) {
            waits_for = "this node is new, and a replica of the one before has to take over first";
        }
        if (waits_for.empty()) co_return *self;
        if (waits_for != told) log.info("Waiting to start", {{"reason", waits_for}});
        told = waits_for;
        co_await clock.sleep_for(kBetweenLooks);
    }
}

awaitable<void> hand_over_here(Options options, Clock& clock, Log log) {
    const Credentials credentials = credentials_of(options);
    const auto deadline = Deadline::after(kHandOverTimeout);
    const Endpoint self{"127.0.0.1", options.self.port};
    const NodeView node =
        co_await observe_node(self, credentials, deadline.but_within(kLookTimeout));
    if (node.role != NodeRole::Master) co_return;
    const auto best = std::ranges::max_element(
        node.followers, {}, [](const FollowerView& f) { return f.online ? f.offset : -1; });
    if (best == node.followers.end() || !best->online) {
        log.warning("No hand-over", {{"reason", "no replica is in sync"}});
        co_return;
    }
    co_await fail_over_to(best->endpoint, credentials, clock, deadline);
    // Until it has heard of it itself, writers would be cut off instead of sent on.
    NodeView now = node;
    while (now.role == NodeRole::Master && !deadline.has_passed()) {
        co_await clock.sleep_for(kBetweenLooks / 5);
        now = co_await observe_node(self, credentials, deadline.but_within(kLookTimeout));
    }
    log.info("Handed over", {{"to", to_string(best->endpoint)}});
}

/// Runs one coroutine on a loop of its own.
template <class Result>
std::optional<Result> run(awaitable<Result> work) {
    asio::io_context loop;
    std::optional<Result> result;
    std::exception_ptr failure;
    asio::co_spawn(loop, std::move(work), [&](const std::exception_ptr& error, Result value) {
        failure = error;
        result = std::move(value);
    });
    loop.run();
    if (failure) std::rethrow_exception(failure);
    return result;
}

}  // namespace

void start_cluster_node(const Options& options, const Log& log) {
    SystemClock clock;
    const Credentials credentials = credentials_of(options);
    const auto self = run(pass_cluster_gate(options, credentials, clock, log));
    log.info("Starting", {{"address", to_string(*self)}});
    become_server(options, cluster_conf(options, *self, credentials.password));
}

void hand_over_in_cluster(const Options& options, const Log& log) {
    asio::io_context loop;
    SystemClock clock;
    std::exception_ptr failure;
    asio::co_spawn(loop, hand_over_here(options, clock, log),
                   [&](const std::exception_ptr& error) { failure = error; });
    loop.run();
    if (failure) std::rethrow_exception(failure);
}

}  // namespace chatflow::redis_agent
