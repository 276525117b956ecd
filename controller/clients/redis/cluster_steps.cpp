#include "controller/clients/redis/cluster_steps.hpp"

#include "controller/clients/redis/observe.hpp"
#include "controller/domain/redis/replies.hpp"
#include "libs/async/side_by_side.hpp"
#include "libs/redis/errors.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include <fmt/format.h>

namespace chatflow::redis_topology {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kSlotsPerBatch = 256;
constexpr std::size_t kKeysPerMove = 100;  // the node serves nobody else while it moves these
constexpr std::size_t kMovesAtOnce = 32;   // what waits for its turn on the connection
constexpr auto kMoveTimeout = 5000ms;      // of one MIGRATE
constexpr auto kCallTimeout = 2s;
constexpr auto kBetweenLooks = 50ms;
constexpr auto kBusPortOffset = 10'000;

awaitable<void> observe_into(Endpoint endpoint, Credentials credentials, Deadline deadline,
                             ClusterView& view) {
    try {
        std::vector<redis::Command> commands;
        commands.push_back(redis::Command{"CLUSTER", "NODES"});
        commands.push_back(redis::Command{"CLUSTER", "INFO"});
        const auto replies = co_await ask(endpoint, credentials, std::move(commands), deadline);
        if (replies[0].is_error() || replies[1].is_error()) co_return;
        view = cluster_from_nodes(replies[0].text());
        const Fields info = parse_info(replies[1].text());
        const auto state = info.find("cluster_state");
        view.is_ok = state != info.end() && state->second == "ok";
    } catch (const redis::Error&) {
        // What INFO says of the node tells why.
    }
}

void throw_if_error(const std::vector<redis::Reply>& replies) {
    for (const redis::Reply& reply : replies) {
        if (reply.is_error()) throw redis::ServerError(std::string(reply.error_text()));
    }
}

/// Moves the keys and then the ownership of one batch of slots.
class Mover {
 public:
    Mover(const ClusterStep& step, Credentials credentials, Deadline deadline)
        : step_(step), credentials_(std::move(credentials)), deadline_(deadline) {}

    awaitable<void> move(std::vector<int> slots) {
        // The taker first: else the giver would send clients to a node that knows nothing of it.
        co_await tell(step_.other, slots, "IMPORTING", step_.from_id);
        co_await tell(step_.node, slots, "MIGRATING", step_.id);
        for (std::vector<int> full = slots; !full.empty();) full = co_await move_keys(full);
        co_await tell(step_.other, slots, "NODE", step_.id);
        co_await tell(step_.node, slots, "NODE", step_.id);
        for (const Endpoint& third : step_.tell) {
            try {
                co_await tell(third, slots, "NODE", step_.id);
            } catch (const redis::Error&) {
                // It hears of it from the others.
            }
        }
    }

 private:
    awaitable<void> tell(Endpoint node, std::vector<int> slots, std::string state, std::string id) {
        std::vector<redis::Command> commands;
        for (const int slot : slots) {
            commands.push_back(
                redis::Command{"CLUSTER", "SETSLOT", std::to_string(slot), state, id});
        }
        throw_if_error(co_await ask(node, credentials_, std::move(commands), deadline_));
    }

    /// One round; the slots that may hold more.
    awaitable<std::vector<int>> move_keys(std::vector<int> slots) {
        const std::string count = std::to_string(kKeysPerMove);
        std::vector<redis::Command> commands;
        for (const int slot : slots) {
            commands.push_back(
                redis::Command{"CLUSTER", "GETKEYSINSLOT", std::to_string(slot), count});
        }
        const auto keys = co_await ask(step_.node, credentials_, std::move(commands), deadline_);
        throw_if_error(keys);
        std::vector<int> full;
        std::vector<redis::Command> moves;
        for (std::size_t i = 0; i < slots.size(); ++i) {
            if (keys[i].size() == 0) continue;
            full.push_back(slots[i]);
            if (moves.size() < kMovesAtOnce) moves.push_back(migrate(keys[i], false));
        }
        if (moves.empty()) co_return full;
        const auto replies = co_await ask(step_.node, credentials_, std::move(moves), deadline_);
        std::vector<redis::Command> again;
        std::size_t at = 0;
        for (std::size_t i = 0; i < slots.size() && at < replies.size(); ++i) {
            if (keys[i].size() == 0) continue;
            const redis::Reply& reply = replies[at++];
            if (!reply.is_error()) continue;
            // Left by a move that broke off. Clients were served from here since, so this one
            // counts.
            if (!reply.error_text().contains("BUSYKEY")) {
                throw redis::ServerError(std::string(reply.error_text()));
            }
            again.push_back(migrate(keys[i], true));
        }
        if (!again.empty()) {
            throw_if_error(co_await ask(step_.node, credentials_, std::move(again), deadline_));
        }
        co_return full;
    }

    [[nodiscard]] redis::Command migrate(const redis::Reply& keys, bool replace) const {
        const std::string port = std::to_string(step_.other.port);
        const std::string timeout = std::to_string(kMoveTimeout.count());
        std::vector<std::string_view> words{"MIGRATE", step_.other.host, port, "", "0", timeout};
        if (replace) words.emplace_back("REPLACE");
        if (!credentials_.password.empty()) {
            words.emplace_back("AUTH");
            words.emplace_back(credentials_.password);
        }
        words.emplace_back("KEYS");
        for (std::size_t i = 0; i < keys.size(); ++i) words.push_back(keys[i].text());
        return redis::Command{std::span<const std::string_view>(words)};
    }

    const ClusterStep& step_;
    Credentials credentials_;
    Deadline deadline_;
};

awaitable<void> move_slots(const ClusterStep& step, Credentials credentials, Deadline deadline) {
    // A batch that has begun is ended; the deadline of its calls is the caller's, hence the half.
    const auto begin_until = Deadline::after(deadline.time_left() / 2);
    Mover mover(step, credentials, deadline);
    for (std::size_t at = 0; at < step.slots.size() && !begin_until.has_passed();
         at += kSlotsPerBatch) {
        const auto first = step.slots.begin() + static_cast<std::ptrdiff_t>(at);
        const auto count = std::min(kSlotsPerBatch, step.slots.size() - at);
        co_await mover.move({first, first + static_cast<std::ptrdiff_t>(count)});
    }
}

std::vector<redis::Command> assign(const std::vector<int>& slots) {
    std::vector<redis::Command> commands;
    for (const SlotRange& range : ranges_of(slots)) {
        commands.push_back(redis::Command{"CLUSTER", "ADDSLOTSRANGE", std::to_string(range.first),
                                          std::to_string(range.last)});
    }
    return commands;
}

awaitable<void> forget(const ClusterStep& step, Credentials credentials, Deadline deadline) {
    for (const Endpoint& node : step.tell) {
        try {
            const redis::Command command{"CLUSTER", "FORGET", step.id};
            co_await ask_one(node, credentials, command, deadline.but_within(kCallTimeout));
        } catch (const redis::ServerError&) {
            // It has forgotten it already, or follows it still: the next look tells.
        }
    }
}

}  // namespace

awaitable<std::vector<ClusterView>> observe_cluster(std::vector<Endpoint> endpoints,
                                                    Credentials credentials, Deadline deadline) {
    std::vector<ClusterView> views(endpoints.size());
    std::vector<awaitable<void>> looks;
    for (std::size_t i = 0; i < endpoints.size(); ++i) {
        looks.push_back(observe_into(endpoints[i], credentials, deadline, views[i]));
    }
    co_await all_settled(std::move(looks));
    co_return views;
}

awaitable<void> take_cluster_step(ClusterStep step, Credentials credentials, Clock& clock,
                                  Deadline deadline) {
    const auto call = deadline.but_within(kCallTimeout);
    switch (step.kind) {
        case ClusterStepKind::Meet: {
            const std::string port = std::to_string(step.other.port);
            const std::string bus = std::to_string(step.other.port + kBusPortOffset);
            const redis::Command command{"CLUSTER", "MEET", step.other.host, port, bus};
            co_await ask_one(step.node, credentials, command, call);
            co_return;
        }
        case ClusterStepKind::Assign: {
            auto commands = assign(step.slots);
            throw_if_error(co_await ask(step.node, credentials, std::move(commands), call));
            co_return;
        }
        case ClusterStepKind::Replicate: {
            const redis::Command command{"CLUSTER", "REPLICATE", step.id};
            co_await ask_one(step.node, credentials, command, call);
            co_return;
        }
        case ClusterStepKind::Close: {
            const std::string slot = std::to_string(step.slots.front());
            const redis::Command command{"CLUSTER", "SETSLOT", slot, "STABLE"};
            co_await ask_one(step.node, credentials, command, call);
            co_return;
        }
        case ClusterStepKind::Forget:
            co_await forget(step, credentials, deadline);
            co_return;
        case ClusterStepKind::Move:
            co_await move_slots(step, credentials, deadline);
            co_return;
        case ClusterStepKind::Failover:
            co_await fail_over_to(step.node, credentials, clock, deadline);
            co_return;
        case ClusterStepKind::Restart:
            co_return;
    }
}

awaitable<void> fail_over_to(Endpoint replica, Credentials credentials, Clock& clock,
                             Deadline deadline) {
    const redis::Command command{"CLUSTER", "FAILOVER"};
    co_await ask_one(replica, credentials, command, deadline.but_within(kCallTimeout));
    while (!deadline.has_passed()) {
        const NodeView node =
            co_await observe_node(replica, credentials, deadline.but_within(kCallTimeout));
        if (node.role == NodeRole::Master) co_return;
        co_await clock.sleep_for(kBetweenLooks);
    }
    throw redis::ServerError(fmt::format("{} has not got the votes in time", to_string(replica)));
}

}  // namespace chatflow::redis_topology
