#pragma once

#include "libs/base/field_error.hpp"
#include "workloads/chat-server/domain/room.hpp"

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chatflow::chat {

/// In the order of what they may do.
enum class RoomRole { Member, Moderator, Owner };

/// "member", "moderator", "owner".
[[nodiscard]] std::string_view to_string(RoomRole role);
[[nodiscard]] std::optional<RoomRole> room_role_named(std::string_view name);

struct Member {
    std::string user_id;
    std::string handle;
    std::string display_name;
    RoomRole role = RoomRole::Member;
    std::string joined_at;  // RFC 3339
    std::int64_t last_delivered_seq = 0;
    std::int64_t last_read_seq = 0;

    bool operator==(const Member&) const = default;
};

struct MemberPage {
    std::vector<Member> members;
    bool has_more = false;
};

/// A room of one's own list: what has come and what was read.
struct JoinedRoom {
    Room room;
    RoomRole role = RoomRole::Member;
    std::int64_t last_seq = 0;
    std::int64_t last_read_seq = 0;
};

struct JoinedRoomPage {
    std::vector<JoinedRoom> rooms;
    bool has_more = false;
};

/// What somebody is in a room.
struct RoomAccess {
    RoomKind kind = RoomKind::Public;
    std::optional<RoomRole> role;  // nothing: no member
};

[[nodiscard]] bool may_read(const RoomAccess& access);
/// Name and topic.
[[nodiscard]] bool may_change(const RoomAccess& access);

/// What a request asks of a membership.
struct MemberWish {
    bool is_member = true;
    std::optional<RoomRole> role;  // nothing: who is a member stays what he is

    bool operator==(const MemberWish&) const = default;
};

/// What somebody who is `now` is to be by it; nothing: no member.
[[nodiscard]] std::optional<RoomRole> role_by(const MemberWish& wish, std::optional<RoomRole> now);

/// A change of one membership.
struct MemberChange {
    bool is_self = false;
    std::optional<RoomRole> now;     // nothing: no member
    std::optional<RoomRole> wanted;  // nothing: to be none any more
};

/// Why it is not allowed, in words for the client; nothing when it is. Who is in a public room by
/// himself; moderators add and remove members; owners do all, but do not leave.
[[nodiscard]] std::optional<std::string_view> refusal_of(const RoomAccess& actor,
                                                         const MemberChange& change);

/// How far a user has come in a room; what is not given stays.
struct Receipt {
    std::optional<std::int64_t> delivered;
    std::optional<std::int64_t> read;

    bool operator==(const Receipt&) const = default;
};

/// {"delivered"?: seq, "read"?: seq}, at least one. What was read has been delivered.
[[nodiscard]] std::expected<Receipt, FieldErrors> parse_receipt(std::string_view body);
/// {"role"?: …}, or an empty body: to be a member.
[[nodiscard]] std::expected<MemberWish, FieldErrors> parse_member(std::string_view body);

}  // namespace chatflow::chat
