#include "workloads/chat-server/domain/parse_body.hpp"

#include "workloads/chat-server/domain/body_fields.hpp"
#include "workloads/chat-server/domain/limits.hpp"
#include "workloads/chat-server/domain/uuid.hpp"

#include <utility>

namespace chatflow::chat {
namespace {

constexpr TextRule kName{.least = 1, .most = kRoomNameMax};
constexpr TextRule kKindName{.least = 1, .most = 20};
constexpr TextRule kUserId{.least = 1, .most = 36};
constexpr TextRule kTopic{.least = 0, .most = kRoomTopicMax};
constexpr TextRule kSender{.least = 1, .most = kSenderMax, .characters = Characters::Identifier};
constexpr TextRule kClientMessageId{
    .least = 1, .most = kClientMessageIdMax, .characters = Characters::Identifier};
constexpr TextRule kBody{.least = 1, .most = kMessageBodyMax};

}  // namespace

std::expected<NewRoom, FieldErrors> parse_new_room(std::string_view body) {
    BodyFields fields(body);
    NewRoom room;
    if (fields.has("kind")) {
        const auto kind = room_kind_named(fields.required("kind", kKindName));
        if (!kind) fields.errors.push_back({"kind", "must be public, private or direct"});
        room.kind = kind.value_or(RoomKind::Public);
    }
    if (room.kind == RoomKind::Direct) {
        room.with = fields.required("with", kUserId);
        if (fields.errors.empty() && !is_uuid(room.with)) {
            fields.errors.push_back({"with", "must be the id of the other user"});
        }
        fields.refuse_others({"kind", "with"});
    } else {
        room.name = fields.required("name", kName);
        room.topic = fields.optional("topic", kTopic);
        fields.refuse_others({"kind", "name", "topic"});
    }
    if (!fields.errors.empty()) return std::unexpected(std::move(fields.errors));
    return room;
}

std::expected<RoomChange, FieldErrors> parse_room_change(std::string_view body) {
    BodyFields fields(body);
    RoomChange change;
    if (fields.has("name")) change.name = fields.required("name", kName);
    if (fields.has("topic")) change.topic = fields.optional("topic", kTopic);
    fields.refuse_others({"name", "topic"});
    if (fields.errors.empty() && !change.name && !change.topic) {
        fields.errors.push_back({"", "must contain name or topic"});
    }
    if (!fields.errors.empty()) return std::unexpected(std::move(fields.errors));
    return change;
}

std::expected<NewMessage, FieldErrors> parse_new_message(std::string_view body,
                                                         const std::string& user_id) {
    BodyFields fields(body);
    std::string sender =
        user_id.empty() ? fields.required("sender", kSender) : fields.optional("sender", kSender);
    if (!user_id.empty() && !sender.empty() && sender != user_id) {
        fields.errors.push_back({"sender", "must be left out, or be your own id"});
    }
    if (!user_id.empty()) sender = user_id;
    NewMessage message{.sender = std::move(sender),
                       .is_member_only = !user_id.empty(),
                       .body = fields.required("body", kBody),
                       .client_msg_id = fields.optional("client_msg_id", kClientMessageId),
                       .reply_to = fields.sequence("reply_to").value_or(0)};
    fields.refuse_others({"sender", "body", "client_msg_id", "reply_to"});
    if (!fields.errors.empty()) return std::unexpected(std::move(fields.errors));
    return message;
}

}  // namespace chatflow::chat
