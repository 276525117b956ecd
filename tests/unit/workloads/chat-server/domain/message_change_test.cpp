#include "workloads/chat-server/domain/message_change.hpp"

#include "workloads/chat-server/domain/limits.hpp"

#include <gtest/gtest.h>

namespace chatflow::chat {
namespace {

struct Case {
    const char* what;
    MessageAction action;
    RoomKind kind;
    std::optional<RoomRole> role;
    const char* sender;
    bool is_deleted;
    int status;  // 0: allowed
};

class MessageChange : public testing::TestWithParam<Case> {};

TEST_P(MessageChange, IsAllowedOrRefused) {
    const Case& given = GetParam();
    const FoundMessage found{
        .access = {.kind = given.kind, .role = given.role},
        .message = Message{.sender = given.sender, .is_deleted = given.is_deleted}};
    const auto refusal = refusal_of(given.action, found, "me");
    EXPECT_EQ(refusal ? refusal->status : 0, given.status) << given.what;
}

using enum MessageAction;
constexpr auto kMember = RoomRole::Member;
constexpr auto kModerator = RoomRole::Moderator;

INSTANTIATE_TEST_SUITE_P(
    Table, MessageChange,
    testing::Values(Case{"own", Edit, RoomKind::Public, kMember, "me", false, 0},
                    Case{"another's", Edit, RoomKind::Public, kModerator, "you", false, 403},
                    Case{"own", Delete, RoomKind::Private, kMember, "me", false, 0},
                    Case{"another's", Delete, RoomKind::Private, kMember, "you", false, 403},
                    Case{"another's, moderated", Delete, RoomKind::Public, kModerator, "you", false,
                         0},
                    Case{"any", React, RoomKind::Public, kMember, "you", false, 0},
                    Case{"not joined", React, RoomKind::Public, std::nullopt, "you", false, 403},
                    Case{"own, but left", Edit, RoomKind::Public, std::nullopt, "me", false, 403},
                    Case{"not to be seen", Edit, RoomKind::Private, std::nullopt, "me", false, 404},
                    Case{"deleted", Edit, RoomKind::Public, kMember, "me", true, 410},
                    Case{"deleted", React, RoomKind::Public, kMember, "you", true, 410}));

TEST(MessageChange, OfWhatWasNeverSentIsRefused) {
    const FoundMessage found{.access = {.kind = RoomKind::Public, .role = RoomRole::Owner},
                             .message = std::nullopt};
    EXPECT_EQ(refusal_of(MessageAction::Delete, found, "me")->status, 404);
}

TEST(Sequence, IsAWholeNumberFromOne) {
    EXPECT_EQ(parse_sequence("1"), 1);
    EXPECT_EQ(parse_sequence("9007199254740991"), 9007199254740991);
    for (const char* text : {"", "0", "-1", "+1", " 1", "1.0", "x", "9007199254740992"}) {
        EXPECT_EQ(parse_sequence(text), std::nullopt) << text;
    }
}

TEST(Reaction, IsAnyTextWithoutBlanks) {
    for (const char* text : {"👍", "👩‍👩‍👧‍👦", ":+1:", "x"})
        EXPECT_TRUE(is_reaction(text)) << text;
    for (const char* text : {"", "a b", "a\n", "\x7f", "\xff", "\xc0\xaf"}) {
        EXPECT_FALSE(is_reaction(text)) << text;
    }
    EXPECT_TRUE(is_reaction(std::string(kReactionBytesMax, 'x')));
    EXPECT_FALSE(is_reaction(std::string(kReactionBytesMax + 1, 'x')));
}

}  // namespace
}  // namespace chatflow::chat
