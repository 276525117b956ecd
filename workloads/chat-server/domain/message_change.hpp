#pragma once

#include "libs/base/field_error.hpp"
#include "workloads/chat-server/domain/membership.hpp"
#include "workloads/chat-server/domain/message.hpp"

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace chatflow::chat {

/// What somebody finds at a place of a room.
struct FoundMessage {
    RoomAccess access;
    std::optional<Message> message;  // nothing: the sequence was never given out
};

enum class MessageAction { Edit, Delete, React };

/// Why not, as the status and the words for the client.
struct MessageRefusal {
    int status = 0;
    std::string_view detail;
};

/// Authors edit and delete what is theirs; moderators delete what is others'; members react. A room
/// that one may not read is not there, nor is what was never sent; what was deleted is gone.
[[nodiscard]] std::optional<MessageRefusal> refusal_of(MessageAction action,
                                                       const FoundMessage& found,
                                                       const std::string& user_id);

/// {"body"}.
[[nodiscard]] std::expected<std::string, FieldErrors> parse_message_change(std::string_view body);
/// A place in a room, as it stands in an address: 1, 2, 3, …
[[nodiscard]] std::optional<std::int64_t> parse_sequence(std::string_view text);
/// Any text without blanks and control characters, up to kReactionBytesMax.
[[nodiscard]] bool is_reaction(std::string_view text);

}  // namespace chatflow::chat
