#include "workloads/chat-server/domain/account.hpp"

#include <chrono>
#include <string>

#include <gtest/gtest.h>

namespace chatflow::chat {
namespace {

constexpr TimePoint kNow{std::chrono::seconds(1'800'000'000)};  // 2027-01-15T08:00:00Z

TEST(ParseSignUp, TakesTheHandleForAName) {
    const auto sign_up = parse_sign_up(R"({"handle":"ann","password":"correct horse"})");
    ASSERT_TRUE(sign_up);
    EXPECT_EQ(sign_up->display_name, "ann");
}

struct Refused {
    const char* body;
    const char* path;
};

class SignUpThat : public testing::TestWithParam<Refused> {};

TEST_P(SignUpThat, CannotBeUsedIsRefusedByField) {
    const auto sign_up = parse_sign_up(GetParam().body);
    ASSERT_FALSE(sign_up);
    ASSERT_EQ(sign_up.error().size(), 1U) << to_string(sign_up.error());
    EXPECT_EQ(sign_up.error().front().path, GetParam().path);
}

INSTANTIATE_TEST_SUITE_P(
    All, SignUpThat,
    testing::Values(Refused{R"({"handle":"Ann","password":"correct horse"})", "handle"},
                    Refused{R"({"handle":"an","password":"correct horse"})", "handle"},
                    Refused{R"({"handle":"ann b","password":"correct horse"})", "handle"},
                    Refused{R"({"handle":"ann","password":"too short"})", "password"},
                    Refused{R"({"handle":"ann"})", "password"},
                    Refused{R"({"handle":"ann","password":"correct horse","role":"admin"})",
                            "role"},
                    Refused{"[]", ""}));

TEST(ParseBan, WantsAReasonAndATimeToCome) {
    const auto ban = parse_ban(R"({"reason":"spam","until":"2027-01-15T09:00:00+01:00"})", kNow);
    EXPECT_FALSE(ban);  // that is now
    const auto hour = parse_ban(R"({"reason":"spam","until":"2027-01-15T09:00:00Z"})", kNow);
    ASSERT_TRUE(hour);
    EXPECT_EQ(hour->until, kNow + std::chrono::hours(1));
    EXPECT_EQ(parse_ban(R"({"reason":"spam"})", kNow)->until, std::nullopt);
    EXPECT_FALSE(parse_ban(R"({"until":"2027-01-15T09:00:00Z"})", kNow));
    EXPECT_FALSE(parse_ban(R"({"reason":"spam","until":"tomorrow"})", kNow));
}

TEST(MayBan, FollowsTheRoles) {
    using enum Role;
    EXPECT_FALSE(may_ban(User, User));
    EXPECT_TRUE(may_ban(Moderator, User));
    EXPECT_FALSE(may_ban(Moderator, Moderator));
    EXPECT_TRUE(may_ban(Admin, Moderator));
    EXPECT_FALSE(may_ban(Admin, Admin));
    EXPECT_FALSE(may_ban(Moderator, Admin));
}

TEST(RoleNamed, KnowsTheNamesOfAllRoles) {
    for (const Role role : {Role::User, Role::Moderator, Role::Admin}) {
        EXPECT_EQ(role_named(to_string(role)), role);
    }
    EXPECT_EQ(role_named("root"), std::nullopt);
}

}  // namespace
}  // namespace chatflow::chat
