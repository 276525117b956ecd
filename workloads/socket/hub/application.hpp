#pragma once

#include "workloads/socket/platform/gateway.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chatflow::socket {

/// A client that wants to be let in to a namespace.
struct Arrival {
    std::string name_space;  // "/", "/custom"
    std::string auth;        // what the client sent along: a JSON object, or empty
    std::string pid;         // of a client that returns: the private id it was given, …
    std::string offset;      // … and the last it has received
    std::string remote;      // address of the peer
    std::string trace;       // its traceparent header
};

/// What an application says of a client that it lets in.
struct Acceptance {
    std::string socket = {};  // another public id: that of a client that returned; empty: unchanged
    std::string pid = {};     // private id for coming back; empty: it cannot
};

/// An event of a client. Views live until the call has returned.
struct ClientEvent {
    std::string_view name;                    // decoded; of a numeric name, its digits
    std::vector<std::string_view> arguments;  // JSON values behind the name
    std::string_view text;                    // the whole array as it was received
    std::optional<std::uint64_t> ack_id;      // the client waits for answer()
    std::vector<std::string> attachments;     // what {"_placeholder":true,"num":n} stands for
};

/// [1,"two"]: the arguments without the name.
[[nodiscard]] std::string arguments_array(const ClientEvent& event);

enum class CloseReason {
    ClientDisconnected,  // by a disconnect packet: it has left, and does not come back by itself
    ServerDisconnected,  // by StayAway
    TransportClosed,
    TransportError,  // it sent what cannot be read
    PingTimeout,
    TooSlow,  // its queue was full
    Draining,
};

/// "transport close": as Socket.IO calls them.
[[nodiscard]] std::string_view name_of(CloseReason reason);
/// Whether a client that was lost so may come back to its session.
[[nodiscard]] bool is_recoverable(CloseReason reason);

/// How an application speaks to the clients. One thread; nothing here waits; unknown sockets are
/// ignored, so an answer may come after the client has gone.
class Clients : public Gateway {
 public:
    /// Lets in a client of Application::on_connect. Events sent to it afterwards arrive behind the
    /// acceptance.
    virtual void accept(const std::string& socket, const Acceptance& acceptance) = 0;
    /// Turns it away: the client gets {"message":…} and is forgotten. `data`, a JSON value or
    /// empty, goes along.
    virtual void refuse(const std::string& socket, std::string_view message,
                        std::string_view data) = 0;
    /// Acknowledges an event; `arguments` is a JSON array.
    virtual void answer(const std::string& socket, std::uint64_t ack_id, std::string_view arguments,
                        const std::vector<std::string>& attachments) = 0;
    /// Gateway::send with attachments.
    virtual void send_binary(const std::string& socket, std::string_view event,
                             const std::vector<std::string>& attachments) = 0;
    /// Gateway::send that asks for an acknowledgement. `on_answer` gets the JSON array of its
    /// arguments, or nothing when the client has gone without one.
    using OnAnswer = std::function<void(std::optional<std::string_view> arguments)>;
    virtual void ask(const std::string& socket, std::string_view event, OnAnswer on_answer) = 0;
};

/// What is done with clients and their events: the platform's rooms, or the echo of the protocol's
/// suites. Called on the gateway's thread; must not wait: what takes time is spawned and answered
/// later through Clients.
class Application {
 public:
    virtual ~Application() = default;

    /// Each is answered by accept() or refuse(), unless on_close() comes first.
    virtual void on_connect(const std::string& socket, const Arrival& arrival) = 0;
    /// Of accepted sockets, in the order in which they were sent.
    virtual void on_event(const std::string& socket, const ClientEvent& event) = 0;
    /// Once for each on_connect() that was not refused. The socket is in no room any more.
    virtual void on_close(const std::string& socket, CloseReason reason) = 0;
};

}  // namespace chatflow::socket
