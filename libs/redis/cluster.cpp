#include "libs/redis/cluster.hpp"

#include "libs/async/task_group.hpp"
#include "libs/async/with_deadline.hpp"
#include "libs/redis/client.hpp"
#include "libs/redis/connection.hpp"
#include "libs/redis/errors.hpp"

#include <algorithm>

namespace chatflow::redis {
namespace {

using namespace std::chrono_literals;

// A call that is sent on more often than this meets a cluster that does not agree with itself.
constexpr int kRedirectionsMax = 8;
constexpr auto kMapAgeMax = 30s;
constexpr auto kBetweenMaps = 100ms;   // however many calls find the map wrong
constexpr auto kBetweenTries = 50ms;   // while a slot has no master
constexpr int kUnsentMax = 3;          // tries of a call whose node is not connected
constexpr auto kConnectTime = 2000ms;  // for a node that a redirection has just named
constexpr auto kDrainTime = 5s;        // for the answers of a node that has left the map

bool may_pass(const ServerError& error) {
    const auto code = error.code();
    return code == "TRYAGAIN" || code == "CLUSTERDOWN" || code == "LOADING";
}

}  // namespace

struct Cluster::Node {
    Node(const asio::any_io_executor& executor, Options options, const Log& log)
        : address{options.host, options.port},
          client(executor, std::move(options), log),
          running(executor, [](const std::exception_ptr&) {}) {
        running.spawn(client.run());
    }

    Address address;
    Client client;
    TaskGroup running;
};

Cluster::Cluster(asio::any_io_executor executor, Options options, Log log)
    : executor_(executor),
      options_(std::move(options)),
      log_(std::move(log)),
      map_is_wrong_(executor),
      map_has_changed_(executor) {}

Cluster::~Cluster() = default;

awaitable<void> Cluster::run() {
    std::exception_ptr end;
    try {
        co_await keep_map();
    } catch (...) {
        end = std::current_exception();
    }
    co_await asio::this_coro::throw_if_cancelled(false);
    std::vector<NodePointer> all;
    for (const auto& [address, node] : std::exchange(nodes_, {})) all.push_back(node);
    for (const Leaving& leaving : std::exchange(leaving_, {})) all.push_back(leaving.node);
    co_await retire(std::move(all));
    std::rethrow_exception(end);
}

awaitable<void> Cluster::keep_map() {
    for (;;) {
        auto next = Deadline::after(kMapAgeMax);
        is_map_doubted_ = false;
        try {
            adopt(co_await ask_for_map());
            last_error_.clear();
        } catch (const Error& error) {
            if (last_error_ != error.what()) {
                log_.warning("The Redis cluster does not tell its slots",
                             {{"error", error.what()}});
            }
            last_error_ = error.what();
            next = Deadline::after(options_.backoff_max);
        }
        co_await retire_the_idle();
        if (!leaving_.empty()) next = Deadline::after(kBetweenMaps);
        co_await sleep_until(Deadline::after(kBetweenMaps));
        if (is_map_doubted_) continue;
        try {
            co_await with_deadline(map_is_wrong_.wait(), next, "a wrong map");
        } catch (const DeadlineExceeded&) {  // the map is old enough to be asked for again
        }
    }
}

void Cluster::doubt_map() {
    is_map_doubted_ = true;
    map_is_wrong_.notify_all();
}

awaitable<SlotMap> Cluster::ask_for_map() {
    std::vector<Address> known = map_.nodes();
    known.insert(known.end(), options_.seeds.begin(), options_.seeds.end());
    std::string last_problem = "no node is configured";
    for (const Address& address : known) {
        try {
            auto connection = co_await Connection::open(options_.directly_at(address));
            const auto deadline = Deadline::after(options_.connect_timeout);
            const Reply slots = co_await connection->call(Command{"CLUSTER", "SLOTS"}, deadline);
            auto map = SlotMap::from_reply(slots, address);
            if (!map.nodes().empty()) co_return map;
            last_problem = "no slot has a master";
        } catch (const Error& error) {
            last_problem = error.what();
        }
    }
    throw Unavailable("cluster: " + last_problem);
}

void Cluster::adopt(SlotMap map) {
    map_ = std::move(map);
    for (const Address& address : map_.nodes()) node_at(address);
    std::erase_if(nodes_, [&](const auto& entry) {
        const bool is_gone = !std::ranges::contains(map_.nodes(), entry.second->address);
        if (is_gone) leaving_.push_back({entry.second, Deadline::after(kDrainTime)});
        return is_gone;
    });
    map_has_changed_.notify_all();
}

// What a node was asked before it left it still answers, if only with the address of another.
awaitable<void> Cluster::retire_the_idle() {
    std::vector<NodePointer> idle;
    std::erase_if(leaving_, [&idle](const Leaving& leaving) {
        const bool is_idle = leaving.node->client.in_flight() == 0 || leaving.until.has_passed();
        if (is_idle) idle.push_back(leaving.node);
        return is_idle;
    });
    co_await asio::this_coro::throw_if_cancelled(false);
    co_await retire(std::move(idle));
    co_await asio::this_coro::throw_if_cancelled(true);
}

awaitable<void> Cluster::retire(std::vector<NodePointer> nodes) {
    for (const auto& node : nodes) node->running.cancel();
    for (const auto& node : nodes) co_await node->running.join();
}

awaitable<Reply> Cluster::call(Command command, Deadline deadline) {
    std::optional<Redirection> redirection;
    int unsent = 0;
    for (int tries = 0; tries < kRedirectionsMax; ++tries) {
        std::string refusal;
        try {
            co_return co_await attempt(command, deadline, redirection);
        } catch (const ServerError& error) {
            if (!redirection && (!may_pass(error) || deadline.time_left() < kBetweenTries)) throw;
            refusal = error.what();
        } catch (const NotSent&) {
            doubt_map();
            if (++unsent >= kUnsentMax || deadline.time_left() < kBetweenTries) throw;
        } catch (const Unavailable&) {
            doubt_map();
            throw;
        }
        if (!redirection) {
            doubt_map();
            co_await sleep_until(Deadline::after(kBetweenTries));
        }
    }
    throw Unavailable("the cluster sends a call from node to node");
}

awaitable<Reply> Cluster::attempt(const Command& command, Deadline deadline,
                                  std::optional<Redirection>& redirection) {
    const auto by = std::exchange(redirection, std::nullopt);
    const NodePointer node = by ? node_at(by->to) : node_for(command);
    if (!node) throw Unavailable("no connection to the Redis cluster: " + last_error_);
    if (by && !node->client.is_connected()) {
        co_await node->client.wait_until_connected(deadline.but_within(kConnectTime));
    }
    try {
        if (by && by->is_for_this_call_only) {
            co_return co_await node->client.call_after(Command{"ASKING"}, command, deadline);
        }
        co_return co_await node->client.call(command, deadline);
    } catch (const ServerError& error) {
        redirection = parse_redirection(error.what(), node->address);
        if (redirection && !redirection->is_for_this_call_only) {
            map_.move(redirection->slot, redirection->to);
            doubt_map();
        }
        throw;
    } catch (const DeadlineExceeded& error) {
        throw Unavailable(error.what());
    }
}

Cluster::NodePointer Cluster::node_for(const Command& command) {
    if (const auto key = key_of(command)) {
        const Address* address = map_.find(slot_of(*key));
        return address != nullptr ? node_at(*address) : nullptr;
    }
    for (const auto& [address, node] : nodes_) {
        if (node->client.is_connected()) return node;
    }
    return nullptr;
}

Cluster::NodePointer Cluster::node_at(const Address& address) {
    auto& node = nodes_[{address.host, address.port}];
    if (!node) node = std::make_shared<Node>(executor_, options_.directly_at(address), log_);
    return node;
}

std::optional<Address> Cluster::address_of(std::string_view key) const {
    const Address* address = map_.find(slot_of(key));
    return address != nullptr ? std::optional(*address) : std::nullopt;
}

bool Cluster::is_connected() const {
    const auto connected = [](const auto& entry) { return entry.second->client.is_connected(); };
    return !nodes_.empty() && std::ranges::all_of(nodes_, connected);
}

std::uint64_t Cluster::connections_made() const {
    std::uint64_t sum = 0;
    for (const auto& [address, node] : nodes_) sum += node->client.connections_made();
    return sum;
}

std::size_t Cluster::in_flight() const {
    std::size_t sum = 0;
    for (const auto& [address, node] : nodes_) sum += node->client.in_flight();
    return sum;
}

awaitable<void> Cluster::wait_until_connected(Deadline deadline) {
    while (nodes_.empty()) {
        co_await with_deadline(map_has_changed_.wait(), deadline, "finding the Redis cluster");
    }
    std::vector<NodePointer> all;
    for (const auto& [address, node] : nodes_) all.push_back(node);
    for (const auto& node : all) co_await node->client.wait_until_connected(deadline);
}

}  // namespace chatflow::redis
