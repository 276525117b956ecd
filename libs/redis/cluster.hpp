#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/async/notification.hpp"
#include "libs/base/deadline.hpp"
#include "libs/base/log.hpp"
#include "libs/redis/command.hpp"
#include "libs/redis/options.hpp"
#include "libs/redis/reply.hpp"
#include "libs/redis/slot_map.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace chatflow::redis {

/// The part of Client that knows a cluster: the map of slots and one Client per master. One
/// executor only.
class Cluster {
 public:
    Cluster(asio::any_io_executor executor, Options options, Log log);
    ~Cluster();
    Cluster(const Cluster&) = delete;
    Cluster& operator=(const Cluster&) = delete;

    /// Keeps the map and the connections until cancelled.
    [[nodiscard]] awaitable<void> run();

    /// To the node of the command's key; follows MOVED and ASK, and waits while slots have no
    /// master, as far as the deadline allows. Throws as Client::call.
    [[nodiscard]] awaitable<Reply> call(Command command, Deadline deadline);

    /// Where a key lives; nothing while the map is not known.
    [[nodiscard]] std::optional<Address> address_of(std::string_view key) const;

    /// Whether every master is connected.
    [[nodiscard]] bool is_connected() const;
    [[nodiscard]] const std::string& last_error() const { return last_error_; }
    [[nodiscard]] std::uint64_t connections_made() const;
    [[nodiscard]] std::size_t in_flight() const;
    [[nodiscard]] awaitable<void> wait_until_connected(Deadline deadline);

 private:
    struct Node;
    using NodePointer = std::shared_ptr<Node>;
    /// A node that is in the map no more, and when it is left at the latest.
    struct Leaving {
        NodePointer node;
        Deadline until;
    };

    awaitable<void> keep_map();
    awaitable<SlotMap> ask_for_map();
    void doubt_map();
    void adopt(SlotMap map);
    awaitable<void> retire_the_idle();
    awaitable<void> retire(std::vector<NodePointer> nodes);
    awaitable<Reply> attempt(const Command& command, Deadline deadline,
                             std::optional<Redirection>& redirection);
    NodePointer node_for(const Command& command);
    NodePointer node_at(const Address& address);

    asio::any_io_executor executor_;
    Options options_;
    Log log_;
    SlotMap map_;
    std::map<std::pair<std::string, std::uint16_t>, NodePointer> nodes_;
    std::vector<Leaving> leaving_;
    bool is_map_doubted_ = false;  // since it was asked for last
    Notification map_is_wrong_;
    Notification map_has_changed_;
    std::string last_error_ = "not connected yet";
};

}  // namespace chatflow::redis
