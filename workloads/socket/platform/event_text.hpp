#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chatflow::socket {

/// What a client asks for by an event; each names at most one room.
struct JoinRequest {
    std::string room;
    std::optional<std::uint64_t> after_seq;  // replay what came after this message of the room
};
struct LeaveRequest {
    std::string room;
};
struct PublishRequest {
    std::string room;
    std::string once;        // the client's own id of the message: sent again, it is told once
    std::string event;       // a JSON array, whole
    std::string message_id;  // of a chat message; else empty
};
struct EphemeralRequest {
    std::string room;
    std::string event;
};
struct PresenceRequest {
    std::vector<std::string> users;
};
struct TokenRequest {
    std::string token;
};

inline constexpr std::size_t kEventBytesMax = 64U << 10U;
inline constexpr std::size_t kPresenceUsersMax = 100;

/// The arguments of a client's event, a JSON array without the event's name. The error is for the
/// client. `now_ms` is stamped on what is published: milliseconds since 1970.
template <class Request>
using Parsed = std::expected<Request, std::string>;
[[nodiscard]] Parsed<JoinRequest> parse_join(std::string_view arguments);
[[nodiscard]] Parsed<LeaveRequest> parse_leave(std::string_view arguments);
/// {roomId, body, clientMessageId?, …} → message.created {messageId, roomId, senderId, timestamp,
/// …}.
[[nodiscard]] Parsed<PublishRequest> parse_message(std::string_view arguments,
                                                   const std::string& user, std::int64_t now_ms);
/// {roomId, event, data?, clientMessageId?} → [event, data]
[[nodiscard]] Parsed<PublishRequest> parse_publish(std::string_view arguments,
                                                   const std::string& user);
/// {roomId, seq} → `told` {roomId, userId, seq, timestamp}; `told`: "message.read" or
/// "message.delivered".
[[nodiscard]] Parsed<PublishRequest> parse_receipt(std::string_view told,
                                                   std::string_view arguments,
                                                   const std::string& user, std::int64_t now_ms);
/// {roomId, isTyping?} → typing {roomId, userId, isTyping}
[[nodiscard]] Parsed<EphemeralRequest> parse_typing(std::string_view arguments,
                                                    const std::string& user);
[[nodiscard]] Parsed<PresenceRequest> parse_presence(std::string_view arguments);
[[nodiscard]] Parsed<TokenRequest> parse_token(std::string_view arguments);

/// `event` with one more argument, the offset: ["a",1] → ["a",1,"offset"]. Socket.IO clients keep
/// the last text that ends an event, so every event must end with one.
[[nodiscard]] std::string with_offset(std::string_view event, std::string_view offset);

/// [name, {key: value}]
[[nodiscard]] std::string simple_event(std::string_view name, std::string_view key,
                                       std::string_view value);

/// {"ok":false,"error":…}, and whether trying again may help.
[[nodiscard]] std::string refusal_answer(std::string_view error, bool may_retry);
[[nodiscard]] std::string published_answer(const std::string& message_id, std::uint64_t seq,
                                           bool is_repeat);
[[nodiscard]] std::string joined_answer(const std::string& room, std::uint64_t seq,
                                        std::size_t replayed, bool is_complete);
[[nodiscard]] std::string online_answer(const std::vector<std::string>& users,
                                        const std::vector<bool>& online);

/// {"type":…,"userId"|"socket":…} of the control channel.
struct ControlMessage {
    std::string type;
    std::string user;
    std::string socket;
};
[[nodiscard]] std::optional<ControlMessage> parse_control(std::string_view text);
[[nodiscard]] std::string taken_message(const std::string& socket);

/// {"event":"user-online","userId":…} → ["user-online",{"userId":…}]; "" when it is none.
[[nodiscard]] std::string user_event(std::string_view text);

}  // namespace chatflow::socket
