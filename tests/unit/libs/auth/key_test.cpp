#include "libs/auth/key.hpp"

#include "libs/auth/key_set.hpp"

#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace chatflow::auth {
namespace {

TEST(Key, IsMadeOfASecretOf32BytesOrMore) {
    EXPECT_TRUE(Key::from_secret(std::string(32, 'x')));
    EXPECT_EQ(Key::from_secret(std::string(31, 'x')).error(),
              "must be at least 32 bytes long, not 31");
}

TEST(Key, ServesOnlyHashesThatAreNotLongerThanTheSecret) {
    EXPECT_FALSE(Key::from_secret(std::string(47, 'x'))->serves(Algorithm::HS384));
    EXPECT_TRUE(Key::from_secret(std::string(48, 'x'))->serves(Algorithm::HS384));
    EXPECT_FALSE(Key::from_secret(std::string(63, 'x'))->serves(Algorithm::HS512));
    EXPECT_TRUE(Key::from_secret(std::string(64, 'x'))->serves(Algorithm::HS512));
}

TEST(Key, OfAnRsaPublicKeyServesNoHmac) {
    const auto all = nlohmann::json::parse(std::ifstream("tests/unit/libs/auth/vectors.json"));
    const auto key = Key::from_pem(all["public_key_pem"].get<std::string>());
    ASSERT_TRUE(key) << key.error();
    EXPECT_TRUE(key->serves(Algorithm::RS256));
    EXPECT_TRUE(key->serves(Algorithm::PS512));
    EXPECT_FALSE(key->serves(Algorithm::HS256));
    EXPECT_FALSE(key->serves(Algorithm::ES256));
}

TEST(Key, RefusesAPointThatIsNotOnItsCurve) {
    const std::string ones(43, 'A');  // 32 bytes of zero
    const nlohmann::json jwk = {{"kty", "EC"}, {"crv", "P-256"}, {"x", ones}, {"y", ones}};
    EXPECT_FALSE(Key::from_jwk(jwk));
}

TEST(Key, RefusesAnAlgorithmOfAnotherFamily) {
    const nlohmann::json jwk = {{"kty", "oct"}, {"k", std::string(86, 'A')}, {"alg", "RS256"}};
    EXPECT_EQ(Key::from_jwk(jwk).error(), "alg does not fit kty");
}

TEST(KeySet, SaysWhatIsWrongWithASetThatCannotBeUsed) {
    EXPECT_EQ(KeySet::from_jwks("[]").error(), "must be a JSON object with an array \"keys\"");
    EXPECT_EQ(KeySet::from_jwks(R"({"keys":[]})").error(), "holds no usable key: it is empty");
    EXPECT_EQ(KeySet::from_jwks(R"({"keys":[{"kty":"oct","k":"eA"}]})").error(),
              "holds no usable key: keys[0] must be at least 32 bytes long, not 1");
    EXPECT_EQ(KeySet::from_jwks(R"({"keys":[7]})").error(),
              "holds no usable key: keys[0] must be an object");
}

}  // namespace
}  // namespace chatflow::auth
