#include "workloads/chat-server/domain/json_codec.hpp"

#include "workloads/chat-server/domain/cursor.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

namespace chatflow::chat {
namespace {

void append_escaped(std::string& out, unsigned char c) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    switch (c) {
        case '"':
            out += "\\\"";
            return;
        case '\\':
            out += "\\\\";
            return;
        case '\n':
            out += "\\n";
            return;
        case '\r':
            out += "\\r";
            return;
        case '\t':
            out += "\\t";
            return;
        default:
            out += "\\u00";
            out += kDigits[c >> 4U];
            out += kDigits[c & 15U];
    }
}

void append_text(std::string& out, std::string_view text) {
    out += '"';
    std::size_t plain_from = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c >= 0x20 && c != '"' && c != '\\') continue;
        out += text.substr(plain_from, i - plain_from);
        append_escaped(out, c);
        plain_from = i + 1;
    }
    out += text.substr(plain_from);
    out += '"';
}

void append_number(std::string& out, std::int64_t number) {
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    out.append(digits.data(), end);
}

// `key` with its punctuation: ,"name":
void append_field(std::string& out, std::string_view key, std::string_view text) {
    out += key;
    append_text(out, text);
}

void append(std::string& out, const Room& room) {
    out += R"({"version":)";
    append_number(out, room.version);
    append_field(out, R"(,"kind":)", to_string(room.kind));
    append_field(out, R"(,"id":)", room.id);
    append_field(out, R"(,"name":)", room.name);
    append_field(out, R"(,"topic":)", room.topic);
    append_field(out, R"(,"created_at":)", room.created_at);
    append_field(out, R"(,"updated_at":)", room.updated_at);
    out += '}';
}

void append(std::string& out, const Message& message) {
    append_field(out, R"({"id":)", message.id);
    append_field(out, R"(,"room_id":)", message.room_id);
    out += R"(,"seq":)";
    append_number(out, message.seq);
    append_field(out, R"(,"sender":)", message.sender);
    append_field(out, R"(,"body":)", message.body);
    if (!message.client_msg_id.empty()) {
        append_field(out, R"(,"client_msg_id":)", message.client_msg_id);
    }
    append_field(out, R"(,"created_at":)", message.created_at);
    if (message.reply_to > 0) {
        out += R"(,"reply_to":)";
        append_number(out, message.reply_to);
    }
    if (!message.edited_at.empty()) append_field(out, R"(,"edited_at":)", message.edited_at);
    if (message.is_deleted) out += R"(,"deleted":true)";
    if (!message.reactions.empty()) {
        out += R"(,"reactions":)";
        out += message.reactions;
    }
    out += '}';
}

void append(std::string& out, const Member& member) {
    append_field(out, R"({"user_id":)", member.user_id);
    append_field(out, R"(,"handle":)", member.handle);
    append_field(out, R"(,"display_name":)", member.display_name);
    append_field(out, R"(,"role":)", to_string(member.role));
    append_field(out, R"(,"joined_at":)", member.joined_at);
    out += R"(,"last_delivered_seq":)";
    append_number(out, member.last_delivered_seq);
    out += R"(,"last_read_seq":)";
    append_number(out, member.last_read_seq);
    out += '}';
}

void append(std::string& out, const JoinedRoom& joined) {
    out += R"({"room":)";
    append(out, joined.room);
    append_field(out, R"(,"role":)", to_string(joined.role));
    out += R"(,"last_seq":)";
    append_number(out, joined.last_seq);
    out += R"(,"last_read_seq":)";
    append_number(out, joined.last_read_seq);
    out += R"(,"unread":)";
    append_number(out, std::max<std::int64_t>(0, joined.last_seq - joined.last_read_seq));
    out += '}';
}

// The cursor after the last of a page; null when there is no more.
void append_next(std::string& out, const std::string& last_id) {
    if (last_id.empty()) {
        out += "null";
    } else {
        append_text(out, encode_id_cursor(last_id));
    }
}

template <class T>
void append_all(std::string& out, const std::vector<T>& items) {
    out += '[';
    for (const T& item : items) {
        if (&item != &items.front()) out += ',';
        append(out, item);
    }
    out += ']';
}

}  // namespace

std::string to_json(const Room& room) {
    std::string out;
    append(out, room);
    return out;
}

std::string to_json(const Message& message) {
    std::string out;
    out.reserve(256 + message.body.size());
    append(out, message);
    return out;
}

std::string to_json(const RoomPage& page) {
    std::string out = R"({"rooms":)";
    append_all(out, page.rooms);
    out += R"(,"next":)";
    append_next(out, page.has_more ? page.rooms.back().id : std::string());
    out += '}';
    return out;
}

std::string to_json(const Member& member) {
    std::string out;
    append(out, member);
    return out;
}

std::string to_json(const MemberPage& page) {
    std::string out = R"({"members":)";
    append_all(out, page.members);
    out += R"(,"next":)";
    append_next(out, page.has_more ? page.members.back().user_id : std::string());
    out += '}';
    return out;
}

std::string replies_to_json(const MessagePage& page) {
    std::string out = R"({"messages":)";
    append_all(out, page.messages);
    out += R"(,"next":)";
    if (page.has_more) {
        append_text(out, encode_message_cursor(page.messages.back().seq));
    } else {
        out += "null";
    }
    out += '}';
    return out;
}

std::string found_to_json(const MessagePage& page) {
    std::string out = R"({"messages":)";
    append_all(out, page.messages);
    out += R"(,"next":)";
    append_next(out, page.has_more ? page.messages.back().id : std::string());
    out += '}';
    return out;
}

std::string to_json(const JoinedRoomPage& page) {
    std::string out = R"({"rooms":)";
    append_all(out, page.rooms);
    out += R"(,"next":)";
    append_next(out, page.has_more ? page.rooms.back().room.id : std::string());
    out += '}';
    return out;
}

std::string to_json(const History& history) {
    std::string out;
    out.reserve(128 + 384 * history.messages.size());
    out += R"({"messages":)";
    append_all(out, history.messages);
    out += R"(,"last_seq":)";
    append_number(out, history.last_seq);
    out += R"(,"previous":)";
    // Sequences have no gaps: older messages exist unless this page begins with the first.
    if (!history.messages.empty() && history.messages.front().seq > 1) {
        append_text(out, encode_message_cursor(history.messages.front().seq));
    } else {
        out += "null";
    }
    append_field(out, R"(,"next":)", encode_message_cursor(history.place));
    out += '}';
    return out;
}

}  // namespace chatflow::chat
