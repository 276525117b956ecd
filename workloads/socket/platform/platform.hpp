#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/async/task_group.hpp"
#include "libs/base/deadline.hpp"
#include "libs/base/log.hpp"
#include "libs/events/publisher.hpp"
#include "libs/rooms/room_store.hpp"
#include "workloads/socket/auth/ban_list.hpp"
#include "workloads/socket/auth/identity.hpp"
#include "workloads/socket/auth/key_source.hpp"
#include "workloads/socket/auth/membership.hpp"
#include "workloads/socket/platform/control_channel.hpp"
#include "workloads/socket/platform/event_text.hpp"
#include "workloads/socket/platform/gateway.hpp"
#include "workloads/socket/platform/node_emitter.hpp"
#include "workloads/socket/platform/observer.hpp"
#include "workloads/socket/platform/session_store.hpp"
#include "workloads/socket/presence/presence.hpp"
#include "workloads/socket/streams/room_reader.hpp"

#include <chrono>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>

namespace chatflow::socket {

struct PlatformOptions {
    PresenceOptions presence;
    TokenOptions token;
    rooms::RoomKeys keys;
    rooms::Retention retention;
    std::chrono::seconds recovery_window{120};
    std::size_t replay_max = 1000;          // messages; a client that missed more fetches anew
    std::size_t rooms_max = 128;            // of one connection
    bool tells_bus = false;                 // also publish message.created on the event bus
    bool hands_over_receipts = false;       // on the event bus, to chat-server
    std::string node_prefix = "socket.io";  // of Node's emitters; empty: not listened to
};

/// What a client says when it connects.
struct Applicant {
    std::string socket;  // the connection's public id
    std::string token;
    std::string session;  // private id of the session to go on with; empty: none
    std::string offset;   // the last it has seen; empty: nothing
    std::string trace;    // W3C traceparent of its request; for logs
};

struct Refused {
    std::string message;  // for the client, which does not come back by itself
};
struct Postponed {};  // Redis is away: close so that the client comes back
struct Admitted {
    std::string user;
    std::string session;  // for the client to keep; the one it came with when it was recovered
    bool is_recovered = false;
};
using Admission = std::variant<Refused, Postponed, Admitted>;

/// The chat platform behind a gateway: who may connect, which rooms they hear, what they publish,
/// what they missed. One executor; what is referred to outlives it.
class Platform {
 public:
    Platform(asio::any_io_executor executor, redis::Client& redis, Gateway& gateway,
             Membership& membership, KeySource& keys, PlatformObserver& observer,
             PlatformOptions options, Log log);
    ~Platform();
    Platform(const Platform&) = delete;
    Platform& operator=(const Platform&) = delete;

    /// Until cancelled.
    [[nodiscard]] awaitable<void> run();

    /// Decides about a new connection. When it is admitted, opened() or closed() must follow.
    [[nodiscard]] awaitable<Admission> admit(Applicant applicant, Deadline deadline);

    /// The client has been told: it joins its rooms and gets what it had missed, before anything
    /// else is delivered to it.
    void opened(const std::string& socket);

    /// `arguments`: the event's JSON array without its name. Returns the answer for the client's
    /// acknowledgement, one JSON value; "" when there is nothing to say.
    [[nodiscard]] awaitable<std::string> on_event(std::string socket, std::string event,
                                                  std::string arguments);

    /// `may_return`: the connection broke, or was closed so that the client comes back.
    void closed(const std::string& socket, bool may_return);

    /// Gives back what is held in Redis; after the last closed().
    [[nodiscard]] awaitable<void> flush(Deadline deadline);

    /// Why clients cannot be served now; "" when they can.
    [[nodiscard]] std::string trouble() const;

    [[nodiscard]] std::size_t connections() const { return connections_.size(); }
    [[nodiscard]] ReaderFigures figures() const { return reader_.figures(); }
    [[nodiscard]] BanList& bans() { return bans_; }

 private:
    struct Returning;
    struct Connection;
    using Answer = awaitable<std::string>;

    awaitable<std::optional<std::expected<Identity, Refusal>>> identify_now(std::string token,
                                                                            Deadline deadline);
    awaitable<Admission> admit_user(Applicant applicant, Identity identity, Deadline deadline);
    awaitable<void> settle(const Applicant& applicant, Connection& connection,
                           std::optional<SessionRecord> record, Deadline deadline);
    awaitable<bool> recover(const Applicant& applicant, Connection& connection,
                            const SessionRecord& record, Deadline deadline);
    awaitable<std::unique_ptr<Returning>> read_missed(std::map<std::string, rooms::MessageId> after,
                                                      const std::optional<Positions>& seen,
                                                      Deadline deadline);
    void replay(const std::string& socket, const Connection& connection, const Replay& replay,
                Positions positions);
    void leave_all(Connection& connection);
    SessionRecord record_of(const std::string& socket, const Connection& connection) const;
    awaitable<void> save(std::string socket);

    Answer join(std::string socket, std::string arguments);
    Answer leave(std::string socket, std::string arguments);
    Answer publish(std::string socket, std::string kind, Parsed<PublishRequest> request);
    Answer receipt(std::string socket, std::string kind, std::string arguments);
    Answer typing(std::string socket, std::string arguments);
    Answer presence(std::string arguments);
    Answer refresh_token(std::string socket, std::string arguments);
    void tell_bus(const std::string& event);

    void on_message(const std::string& room, const rooms::RoomMessage& message,
                    const Positions& positions);
    void on_loss(const std::string& room);
    void on_control(std::string_view channel, std::string_view text);
    void on_ban(const std::string& user);
    void broadcast(const NodeBroadcast& broadcast);
    awaitable<void> sweep();
    void sweep_tokens();
    awaitable<void> refresh_sessions();

    [[nodiscard]] Connection* find(const std::string& socket);
    [[nodiscard]] bool is_member(const std::string& socket, const std::string& room);

    asio::any_io_executor executor_;
    redis::Client& redis_;
    Gateway& gateway_;
    Membership& membership_;
    KeySource& keys_;
    PlatformObserver& observer_;
    PlatformOptions options_;
    Log log_;
    rooms::RoomStore store_;
    RoomReader reader_;
    Presence presence_;
    SessionStore sessions_;
    BanList bans_;
    ControlChannel control_;
    events::Publisher bus_;
    TaskGroup background_;
    std::unordered_map<std::string, std::unique_ptr<Connection>> connections_;
};

/// A room whose members hear who comes and goes. Everybody may join it.
inline constexpr std::string_view kUserEvents = "user-events";

}  // namespace chatflow::socket
