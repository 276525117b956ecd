#include "workloads/socket/auth/identity.hpp"

#include "libs/auth/signing_keys.hpp"

#include <chrono>
#include <string>

#include <gtest/gtest.h>

namespace chatflow::socket {
namespace {

// A key of this test alone: openssl genpkey -algorithm ed25519
constexpr const char* kKey =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
    "-----END PRIVATE KEY-----\n";

const TimePoint kNow = TimePoint(std::chrono::seconds(1'763'712'000));

std::expected<Identity, Refusal> identified(const std::string& claims) {
    const auto signing = auth::SigningKeys::from_pem(kKey).value();
    const auto keys = auth::KeySet::from_jwks(signing.jwks()).value();
    const auto token = claims.empty() ? "" : signing.sign(claims);
    return identify(token, keys, {}, kNow);
}

TEST(Identity, IsTheUserOfTheTokenUntilItExpires) {
    const auto identity = identified(R"({"userId":"ann","exp":1763712060})");
    ASSERT_TRUE(identity);
    EXPECT_EQ(identity->user, "ann");
    EXPECT_EQ(identity->expires_at, kNow + std::chrono::seconds(60));
    EXPECT_EQ(identified(R"({"userId":7,"exp":1763712060})")->user, "7");
    EXPECT_EQ(identified(R"({"sub":"ben","exp":1763712060})")->user, "ben");
}

TEST(Identity, IsRefusedWithoutAUserThatKeysCanHold) {
    EXPECT_EQ(identified("").error(), Refusal::TokenMissing);
    for (const auto* claims :
         {R"({"exp":1763712060})", R"({"userId":"","exp":1763712060})",
          R"({"userId":"a b","exp":1763712060})", R"({"userId":"{a}","exp":1763712060})",
          R"({"userId":"ann","exp":1763711900})", R"({"userId":"ann"})"}) {
        EXPECT_EQ(identified(claims).error(), Refusal::TokenInvalid) << claims;
    }
}

TEST(Identity, OfATokenWhoseKeyIsNotThereMayBeKnownLater) {
    const auto signing = auth::SigningKeys::from_pem(kKey).value();
    const auto others = auth::KeySet::from_jwks(R"({"keys":[{"kty":"OKP","crv":"Ed25519",)"
                                                R"("kid":"other","x":")" +
                                                std::string(43, 'A') + R"("}]})")
                            .value();
    const auto token = signing.sign(R"({"userId":"ann","exp":1763712060})");
    EXPECT_EQ(identify(token, others, {}, kNow).error(), Refusal::KeyUnknown);
}

TEST(Refusal, IsToldInTheWordsThatClientsKnow) {
    EXPECT_EQ(to_string(Refusal::TokenMissing), "Authentication required");
    EXPECT_EQ(to_string(Refusal::TokenInvalid), "Invalid token");
    EXPECT_EQ(to_string(Refusal::KeyUnknown), "Invalid token");
    EXPECT_EQ(to_string(Refusal::UserBanned), "Invalid or banned user");
    EXPECT_EQ(to_string(Refusal::TooManyConnections), "Too many connections");
}

}  // namespace
}  // namespace chatflow::socket
