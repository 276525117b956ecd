#include "workloads/chat-server/domain/membership.hpp"

#include <optional>
#include <string>

#include <gtest/gtest.h>

namespace chatflow::chat {
namespace {

using enum RoomKind;
using enum RoomRole;

constexpr auto kNone = std::optional<RoomRole>();

struct Case {
    RoomKind kind;
    std::optional<RoomRole> actor;
    bool is_self;
    std::optional<RoomRole> now;
    std::optional<RoomRole> wanted;
    bool is_allowed;
};

class ChangeOfAMember : public testing::TestWithParam<Case> {};

TEST_P(ChangeOfAMember, IsAllowedToWhoMay) {
    const auto& [kind, actor, is_self, now, wanted, is_allowed] = GetParam();
    const auto refusal = refusal_of({.kind = kind, .role = actor},
                                    {.is_self = is_self, .now = now, .wanted = wanted});
    EXPECT_EQ(!refusal.has_value(), is_allowed) << refusal.value_or("allowed");
}

INSTANTIATE_TEST_SUITE_P(OneOwn, ChangeOfAMember,
                         testing::Values(Case{Public, kNone, true, kNone, Member, true},
                                         Case{Public, kNone, true, kNone, Moderator, false},
                                         Case{Private, kNone, true, kNone, Member, false},
                                         Case{Public, Member, true, Member, kNone, true},
                                         Case{Public, Member, true, Member, Moderator, false},
                                         Case{Public, Moderator, true, Moderator, Member, true},
                                         Case{Public, Owner, true, Owner, kNone, false},
                                         Case{Public, Owner, true, Owner, Member, true},
                                         Case{Direct, Member, true, Member, kNone, false}));

INSTANTIATE_TEST_SUITE_P(Others, ChangeOfAMember,
                         testing::Values(Case{Public, kNone, false, kNone, Member, false},
                                         Case{Public, Member, false, kNone, Member, false},
                                         Case{Private, Moderator, false, kNone, Member, true},
                                         Case{Private, Moderator, false, Member, kNone, true},
                                         Case{Private, Moderator, false, Member, Moderator, false},
                                         Case{Private, Moderator, false, Owner, kNone, false},
                                         Case{Private, Owner, false, kNone, Owner, true},
                                         Case{Private, Owner, false, Owner, Member, true},
                                         Case{Direct, Owner, false, kNone, Member, false}));

TEST(RoomAccess, FollowsKindAndRole) {
    EXPECT_TRUE(may_read({.kind = Public}));
    EXPECT_FALSE(may_read({.kind = Private}));
    EXPECT_TRUE(may_read({.kind = Private, .role = Member}));
    EXPECT_FALSE(may_change({.kind = Public}));
    EXPECT_FALSE(may_change({.kind = Public, .role = Member}));
    EXPECT_TRUE(may_change({.kind = Public, .role = Moderator}));
}

TEST(ParseReceipt, WhatWasReadHasBeenDelivered) {
    EXPECT_EQ(parse_receipt(R"({"read":7})").value(), (Receipt{.delivered = 7, .read = 7}));
    EXPECT_EQ(parse_receipt(R"({"read":7,"delivered":3})")->delivered, 7);
    EXPECT_EQ(parse_receipt(R"({"delivered":9})").value(), (Receipt{.delivered = 9}));
    for (const char* body : {"{}", R"({"read":-1})", R"({"read":9007199254740992})",
                             R"({"read":true})", R"({"read":1,"x":1})", "7"}) {
        EXPECT_FALSE(parse_receipt(body)) << body;
    }
}

TEST(MemberWish, ChangesNoRoleThatItDoesNotName) {
    EXPECT_EQ(role_by({}, kNone), Member);
    EXPECT_EQ(role_by({}, Owner), Owner);
    EXPECT_EQ(role_by({.role = Member}, Owner), Member);
    EXPECT_EQ(role_by({.role = Moderator}, kNone), Moderator);
    EXPECT_EQ(role_by({.is_member = false}, Owner), kNone);
}

TEST(ParseMember, NamesARoleOrNone) {
    EXPECT_EQ(parse_member("").value(), MemberWish{});
    EXPECT_EQ(parse_member("{}").value(), MemberWish{});
    EXPECT_EQ(parse_member(R"({"role":"owner"})").value(), MemberWish{.role = Owner});
    EXPECT_FALSE(parse_member(R"({"role":"root"})"));
    EXPECT_FALSE(parse_member(R"({"role":7})"));
}

}  // namespace
}  // namespace chatflow::chat
