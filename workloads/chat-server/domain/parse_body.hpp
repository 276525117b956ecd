#pragma once

#include "libs/base/field_error.hpp"
#include "workloads/chat-server/domain/message.hpp"
#include "workloads/chat-server/domain/room.hpp"

#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace chatflow::chat {

/// Reads JSON bodies. All errors of a body are found at once; fields that are not known are
/// refused, since they would be lost. An error with an empty path is about the body as a whole.
[[nodiscard]] std::expected<NewRoom, FieldErrors> parse_new_room(std::string_view body);
/// `user_id`: who is logged in and so the sender; empty where authentication is off, and the body
/// has to say it.
[[nodiscard]] std::expected<NewMessage, FieldErrors> parse_new_message(
    std::string_view body, const std::string& user_id = {});

/// What is to be changed; a field that is not there stays as it is.
struct RoomChange {
    std::optional<std::string> name;
    std::optional<std::string> topic;

    bool operator==(const RoomChange&) const = default;
};
[[nodiscard]] std::expected<RoomChange, FieldErrors> parse_room_change(std::string_view body);

}  // namespace chatflow::chat
