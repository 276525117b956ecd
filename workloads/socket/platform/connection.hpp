#pragma once

#include "workloads/socket/platform/platform.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace chatflow::socket {

/// What a client that returns had missed, as read, and what was delivered since.
struct Platform::Returning {
    Returning(RoomReader& reader, std::set<std::string> rooms, std::size_t count_max,
              Positions seen_)
        : collector(reader, std::move(rooms), count_max), seen(std::move(seen_)) {}

    [[nodiscard]] Replay plan(std::size_t count_max) const {
        if (collector.has_overflowed()) return {};
        return plan_replay(missed, collector.events(), count_max);
    }

    RoomReader::Collector collector;
    std::vector<Missed> missed;
    Positions seen;
    std::string old_socket;  // what the client itself had sent is not for it
};

struct Platform::Connection {
    Identity identity;
    std::string session;
    std::map<std::string, rooms::MessageId> rooms;  // each one's last message when it was joined
    std::unique_ptr<Returning> returning;           // until opened()
    bool is_open = false;
    bool is_taken = false;    // another connection has gone on with the session
    bool was_warned = false;  // that the token expires
};

}  // namespace chatflow::socket
