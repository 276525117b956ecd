#pragma once

#include <string>
#include <string_view>

namespace chatflow::socket {

/// How a connection is closed, which tells the client what to do next.
enum class Ending {
    ComeBack,  // at the engine's level: the client connects again by itself
    StayAway   // by a disconnect packet: the client does not
};

/// What the platform needs of the gateway that holds the connections; `socket` is a connection's
/// public id. Unknown sockets are ignored. Nothing here waits.
class Gateway {
 public:
    virtual ~Gateway() = default;

    virtual void join(const std::string& socket, const std::string& room) = 0;
    virtual void leave(const std::string& socket, const std::string& room) = 0;

    /// To the local members of a room, but `except`. `event` is a JSON array ["name",…]; one that
    /// is ephemeral may be dropped for a connection that is slow.
    virtual void deliver(const std::string& room, std::string_view event, bool is_ephemeral,
                         std::string_view except) = 0;
    /// To one connection.
    virtual void send(const std::string& socket, std::string_view event) = 0;

    virtual void close(const std::string& socket, Ending ending, std::string_view reason) = 0;
};

}  // namespace chatflow::socket
