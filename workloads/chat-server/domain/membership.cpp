#include "workloads/chat-server/domain/membership.hpp"

#include "workloads/chat-server/domain/body_fields.hpp"

#include <algorithm>

namespace chatflow::chat {
namespace {

constexpr TextRule kRoleName{.least = 1, .most = 20};

std::optional<std::string_view> refusal_of_own_change(const RoomAccess& actor,
                                                      const MemberChange& change) {
    if (!change.now) {
        if (actor.kind != RoomKind::Public) return "Only its moderators let somebody in here.";
        if (change.wanted != RoomRole::Member) return "Who joins is a member first.";
        return std::nullopt;
    }
    if (!change.wanted && change.now == RoomRole::Owner) {
        return "An owner does not leave: make somebody else owner and yourself a member first.";
    }
    if (change.wanted && *change.wanted > *change.now) return "Nobody raises himself.";
    return std::nullopt;
}

}  // namespace

std::string_view to_string(RoomRole role) {
    switch (role) {
        case RoomRole::Member:
            return "member";
        case RoomRole::Moderator:
            return "moderator";
        case RoomRole::Owner:
            return "owner";
    }
    return "member";
}

std::optional<RoomRole> room_role_named(std::string_view name) {
    for (const RoomRole role : {RoomRole::Member, RoomRole::Moderator, RoomRole::Owner}) {
        if (to_string(role) == name) return role;
    }
    return std::nullopt;
}

bool may_read(const RoomAccess& access) {
    return access.kind == RoomKind::Public || access.role.has_value();
}

bool may_change(const RoomAccess& access) {
    return access.role.has_value() && *access.role >= RoomRole::Moderator;
}

std::optional<RoomRole> role_by(const MemberWish& wish, std::optional<RoomRole> now) {
    if (!wish.is_member) return std::nullopt;
    return wish.role.value_or(now.value_or(RoomRole::Member));
}

std::optional<std::string_view> refusal_of(const RoomAccess& actor, const MemberChange& change) {
    if (actor.kind == RoomKind::Direct) return "The two of a direct room stay.";
    if (change.is_self) return refusal_of_own_change(actor, change);
    if (actor.role == RoomRole::Owner) return std::nullopt;
    const bool touches_members_only = change.now.value_or(RoomRole::Member) == RoomRole::Member &&
                                      change.wanted.value_or(RoomRole::Member) == RoomRole::Member;
    if (actor.role == RoomRole::Moderator && touches_members_only) return std::nullopt;
    if (actor.role == RoomRole::Moderator) return "Only an owner gives and takes roles.";
    return "Only moderators and owners of the room add and remove others.";
}

std::expected<Receipt, FieldErrors> parse_receipt(std::string_view body) {
    BodyFields fields(body);
    Receipt receipt{.delivered = fields.sequence("delivered"), .read = fields.sequence("read")};
    fields.refuse_others({"delivered", "read"});
    if (fields.errors.empty() && !receipt.delivered && !receipt.read) {
        fields.errors.push_back({"", "must contain delivered or read"});
    }
    if (!fields.errors.empty()) return std::unexpected(std::move(fields.errors));
    if (receipt.read) receipt.delivered = std::max(receipt.delivered.value_or(0), *receipt.read);
    return receipt;
}

std::expected<MemberWish, FieldErrors> parse_member(std::string_view body) {
    if (body.empty()) return MemberWish{};
    BodyFields fields(body);
    const std::string name = fields.optional("role", kRoleName);
    fields.refuse_others({"role"});
    const auto role = room_role_named(name);
    if (fields.errors.empty() && !name.empty() && !role) {
        fields.errors.push_back({"role", "must be member, moderator or owner"});
    }
    if (!fields.errors.empty()) return std::unexpected(std::move(fields.errors));
    return MemberWish{.role = role};
}

}  // namespace chatflow::chat
