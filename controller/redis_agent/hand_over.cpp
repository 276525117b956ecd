#include "controller/redis_agent/hand_over.hpp"

#include "controller/clients/redis/observe.hpp"
#include "controller/clients/redis/switchover.hpp"
#include "controller/domain/redis/route.hpp"
#include "controller/redis_agent/config_files.hpp"
#include "controller/redis_agent/resolve.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

namespace chatflow::redis_agent {
namespace {

using namespace redis_topology;
using namespace std::chrono_literals;

constexpr auto kLookTimeout = 1000ms;
constexpr auto kTimeout = 30s;  // within the pod's grace
// The agents need about a second to lead writers to the new master; paused writes wait for it.
constexpr auto kUntilRouted = 1200ms;

awaitable<void> hand_over_here(Options options, Clock& clock, Log log) {
    const Credentials credentials = credentials_of(options);
    const auto deadline = Deadline::after(kTimeout);
    const auto look = deadline.but_within(kLookTimeout);
    const auto self = resolve(options.self);
    if (!self) throw std::runtime_error(options.self.host + " has no address");
    const NodeView master = co_await observe_node({"127.0.0.1", self->port}, credentials, look);
    if (master.role != NodeRole::Master) co_return;

    NodeView named = master;
    named.endpoint = *self;
    const auto nodes = co_await observe_nodes(resolve(options.nodes), credentials, look);
    const auto successor = best_successor(named, nodes);
    const auto sentinels =
        co_await observe_sentinels(resolve(options.sentinels), options.name, credentials, look);
    const auto sentinel = std::ranges::find_if(sentinels, [&](const SentinelView& view) {
        return view.reachable && view.master == *self && !view.failing_over;
    });
    if (!successor || sentinel == sentinels.end()) {
        log.warning("No hand-over", {{"reason", successor ? "no Sentinel names this node master"
                                                          : "no replica is fit to take over"}});
        co_return;
    }
    const auto route = [&clock]() -> awaitable<void> { co_await clock.sleep_for(kUntilRouted); };
    const Handover handover{
        .name = options.name, .from = *self, .to = *successor, .sentinel = sentinel->endpoint};
    const HandoverOptions limits{.pause = std::min(4000ms, options.down_after * 4 / 5)};
    const HandoverResult result =
        co_await hand_over(handover, credentials, limits, clock, route, deadline);
    log.info(result.done ? "Handed over" : "No hand-over",
             {{"to", to_string(*successor)},
              {"outcome", result.outcome},
              {"writesWaitedMs", result.writes_waited.count()}});
}

}  // namespace

void hand_over_before_stop(const Options& options, const Log& log) {
    asio::io_context loop;
    SystemClock clock;
    std::exception_ptr failure;
    asio::co_spawn(loop, hand_over_here(options, clock, log),
                   [&](const std::exception_ptr& error) { failure = error; });
    loop.run();
    if (failure) std::rethrow_exception(failure);
}

}  // namespace chatflow::redis_agent
