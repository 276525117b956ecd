#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace chatflow::chat {

struct Message {
    std::string id;  // UUID
    std::string room_id;
    std::int64_t seq = 0;  // 1, 2, 3, … in the room, without gaps
    std::string sender;
    std::string body;
    std::string client_msg_id;  // empty: none was given
    std::string created_at;     // RFC 3339
    std::int64_t reply_to = 0;  // sequence of the first message of its thread; 0: none
    std::string edited_at;      // RFC 3339; empty: never
    bool is_deleted = false;    // the body is empty then
    std::string reactions;      // JSON, {"👍": 2}; empty: none

    bool operator==(const Message&) const = default;
};

/// What a client gives to send a message.
struct NewMessage {
    std::string sender;
    bool is_member_only = false;  // the sender is a user, who has to be in the room
    std::string body;
    std::string client_msg_id;  // empty: each request is a message of its own
    std::int64_t reply_to = 0;  // sequence of any message of a thread, or of one without; 0: none
    std::string traceparent = {};  // that the room is told; empty: none

    bool operator==(const NewMessage&) const = default;
};

/// Which part of a room's history is asked for: the newest messages, or those next to a place.
struct HistoryQuery {
    std::optional<std::int64_t> before;  // sequence; older ones
    std::optional<std::int64_t> after;   // sequence; newer ones
    int limit = 0;
    std::string reader;  // a user, who has to be allowed to; empty: everybody is

    bool operator==(const HistoryQuery&) const = default;
};

/// A part of a room's history, oldest first.
struct History {
    std::vector<Message> messages;
    std::int64_t last_seq = 0;  // of the room, when it was read
    std::int64_t place = 0;     // the newest sequence that is not newer than the page
};

/// Messages that were found, the newest first.
struct SearchQuery {
    std::string text;                  // as in a web search: words, "a phrase", -not, or
    std::string room_id;               // empty: all rooms that the reader is in
    std::string reader;                // a user
    std::optional<std::string> after;  // the id of a message: older ones
    int limit = 0;

    bool operator==(const SearchQuery&) const = default;
};

struct MessagePage {
    std::vector<Message> messages;
    bool has_more = false;
};

}  // namespace chatflow::chat
