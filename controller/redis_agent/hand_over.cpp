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

constexpr auto kOwnLookTimeout = 3000ms;  // refused at once when the server does not run
constexpr auto kLookTimeout = 1000ms;
constexpr auto kBetweenLooks = 250ms;
constexpr auto kSearchTime = 5s;  // for a replica that is fit and a Sentinel that can be asked
constexpr auto kTimeout = 30s;    // within the pod's grace
// The agents need about a second to lead writers to the new master; paused writes wait for it.
constexpr auto kUntilRouted = 1200ms;

struct Search {
    std::optional<Handover> handover;
    std::string reason;  // why there is none
};

awaitable<Search> search(Options options, std::vector<Place> sentinels_by_name,
                         Credentials credentials, NodeView master, Deadline deadline) {
    // Names first: a look's time is for answers of Redis, and DNS may be slow when all are busy.
    auto places = resolve(options.nodes);
    auto named_sentinels = resolve(sentinels_by_name);
    const auto nodes =
        co_await observe_nodes(std::move(places), credentials, deadline.but_within(kLookTimeout));
    const auto successor = best_successor(master, nodes);
    if (!successor) co_return Search{.handover = {}, .reason = "no replica is fit to take over"};
    const auto sentinels = co_await observe_sentinels(
        std::move(named_sentinels), options.name, credentials, deadline.but_within(kLookTimeout));
    const auto sentinel = std::ranges::find_if(sentinels, [&](const SentinelView& view) {
        return view.reachable && view.master == master.endpoint && !view.failing_over;
    });
    if (sentinel == sentinels.end()) {
        co_return Search{.handover = {}, .reason = "no Sentinel names this node master"};
    }
    co_return Search{.handover = Handover{.name = options.name,
                                          .from = master.endpoint,
                                          .to = *successor,
                                          .sentinel = sentinel->endpoint},
                     .reason = {}};
}

awaitable<void> hand_over_here(Options options, Clock& clock, Log log) {
    const Credentials credentials = credentials_of(options);
    const auto deadline = Deadline::after(kTimeout);
    const AgentSettings settings = read_settings(options);
    const auto self = resolve(options.self);
    if (!self) throw std::runtime_error(options.self.host + " has no address");
    NodeView master = co_await observe_node({"127.0.0.1", self->port}, credentials,
                                            deadline.but_within(kOwnLookTimeout));
    if (master.role != NodeRole::Master) co_return;
    if (resolve(options.nodes).size() < 2) co_return;  // of a topology without replicas
    master.endpoint = *self;

    const auto search_until = deadline.but_within(kSearchTime);
    Search found = co_await search(options, settings.sentinels, credentials, master, deadline);
    while (!found.handover && !search_until.has_passed()) {
        co_await clock.sleep_for(kBetweenLooks);
        found = co_await search(options, settings.sentinels, credentials, master, deadline);
    }
    if (!found.handover) {
        log.warning("No hand-over", {{"reason", found.reason}});
        co_return;
    }
    const auto route = [&clock]() -> awaitable<void> { co_await clock.sleep_for(kUntilRouted); };
    const HandoverOptions limits{.pause = std::min(4000ms, settings.down_after * 4 / 5)};
    const HandoverResult result =
        co_await hand_over(*found.handover, credentials, limits, clock, route, deadline);
    log.info(result.done ? "Handed over" : "No hand-over",
             {{"to", to_string(found.handover->to)},
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
