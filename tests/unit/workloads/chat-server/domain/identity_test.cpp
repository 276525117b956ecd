#include "workloads/chat-server/domain/identity.hpp"

#include "libs/auth/jwt.hpp"

#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace chatflow::chat {
namespace {

constexpr const char* kUser = "01934567-89ab-7def-8123-456789abcdef";
constexpr const char* kSession = "01934567-89ab-7def-8123-456789abcdee";
constexpr TimePoint kNow{std::chrono::microseconds(1'800'000'000'999'999)};

const Identity kAnn{.user_id = kUser, .session_id = kSession, .role = Role::Moderator};

TEST(AccessClaims, SayWhoAndUntilWhen) {
    const auto claims = nlohmann::json::parse(access_claims(kAnn, {}, kNow));
    EXPECT_EQ(claims["userId"], kUser);
    EXPECT_EQ(claims["sub"], kUser);
    EXPECT_EQ(claims["iat"], 1'800'000'000);
    EXPECT_EQ(claims["exp"], 1'800'000'900);
}

TEST(IdentityOf, ReadsWhatAccessClaimsWrote) {
    EXPECT_EQ(identity_of({.json = access_claims(kAnn, {}, kNow)}), kAnn);
}

TEST(IdentityOf, NeedsEveryClaimOfOurs) {
    for (const char* missing : {"userId", "sid", "role"}) {
        auto claims = nlohmann::json::parse(access_claims(kAnn, {}, kNow));
        claims.erase(missing);
        EXPECT_EQ(identity_of({.json = claims.dump()}), std::nullopt) << missing;
    }
    auto claims = nlohmann::json::parse(access_claims(kAnn, {}, kNow));
    claims["role"] = "root";
    EXPECT_EQ(identity_of({.json = claims.dump()}), std::nullopt);
}

TEST(BearerToken, KnowsTheSchemeInAnyCase) {
    EXPECT_EQ(bearer_token("Bearer abc"), "abc");
    EXPECT_EQ(bearer_token("bearer  abc"), "abc");
    for (const char* other : {"", "Bearer", "Bearer ", "Basic abc", "Bearerabc"}) {
        EXPECT_EQ(bearer_token(other), std::nullopt) << other;
    }
}

TEST(RefreshToken, IsReadAsItWasWritten) {
    const RefreshToken token{.session_id = kSession, .secret = std::string(42, 'a') + 'A'};
    EXPECT_EQ(parse_refresh_token(to_string(token)), token);
    const std::string text = to_string(token);
    for (const std::string& other : {std::string(), text + 'A', text.substr(1),
                                     std::string(kSession) + '.' + text.substr(37, 42) + '!'}) {
        EXPECT_EQ(parse_refresh_token(other), std::nullopt) << other;
    }
}

}  // namespace
}  // namespace chatflow::chat
