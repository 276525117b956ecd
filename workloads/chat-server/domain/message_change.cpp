#include "workloads/chat-server/domain/message_change.hpp"

#include "libs/base/utf8.hpp"
#include "workloads/chat-server/domain/body_fields.hpp"
#include "workloads/chat-server/domain/limits.hpp"

#include <algorithm>
#include <charconv>

namespace chatflow::chat {
namespace {

constexpr std::int64_t kSequenceMax = (std::int64_t{1} << 53) - 1;  // every client can hold it

}  // namespace

std::optional<MessageRefusal> refusal_of(MessageAction action, const FoundMessage& found,
                                         const std::string& user_id) {
    if (!may_read(found.access)) {
        return MessageRefusal{404, "There is no room with this id that you are in."};
    }
    if (!found.message) return MessageRefusal{404, "The room has no message with this sequence."};
    if (found.message->is_deleted) return MessageRefusal{410, "The message was deleted."};
    if (!found.access.role) return MessageRefusal{403, "Join the room first."};
    const bool is_own = found.message->sender == user_id;
    if (action == MessageAction::Edit && !is_own) {
        return MessageRefusal{403, "Only its author edits a message."};
    }
    if (action == MessageAction::Delete && !is_own && *found.access.role < RoomRole::Moderator) {
        return MessageRefusal{403, "Only its author and the room's moderators delete a message."};
    }
    return std::nullopt;
}

std::expected<std::string, FieldErrors> parse_message_change(std::string_view body) {
    BodyFields fields(body);
    std::string text = fields.required("body", {.least = 1, .most = kMessageBodyMax});
    fields.refuse_others({"body"});
    if (!fields.errors.empty()) return std::unexpected(std::move(fields.errors));
    return text;
}

std::optional<std::int64_t> parse_sequence(std::string_view text) {
    std::int64_t seq = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seq);
    const bool is_whole = error == std::errc{} && end == text.data() + text.size();
    if (!is_whole || seq < 1 || seq > kSequenceMax) return std::nullopt;
    return seq;
}

bool is_reaction(std::string_view text) {
    const auto is_visible = [](char c) { return static_cast<unsigned char>(c) > ' ' && c != 127; };
    return !text.empty() && text.size() <= kReactionBytesMax && is_utf8(text) &&
           std::ranges::all_of(text, is_visible);
}

}  // namespace chatflow::chat
