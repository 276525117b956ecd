#include "libs/auth/verify.hpp"

#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace chatflow::auth {
namespace {

// Made by make_vectors.py with another implementation (PyJWT, python-cryptography).
nlohmann::json vectors() {
    return nlohmann::json::parse(std::ifstream("tests/unit/libs/auth/vectors.json"));
}

TEST(Verify, GivesEachVectorItsVerdict) {
    const auto all = vectors();
    const auto keys = KeySet::from_jwks(all["jwks"].dump());
    ASSERT_TRUE(keys) << keys.error();
    const TokenRules rules{.issuer = all["issuer"], .audience = all["audience"]};
    const TimePoint now{std::chrono::seconds(all["now"].get<long>())};
    ASSERT_GT(all["cases"].size(), 50U);
    for (const auto& entry : all["cases"]) {
        const auto claims = verify(entry["token"].get<std::string>(), *keys, rules, now);
        const auto verdict = claims ? "ok" : std::string(to_string(claims.error()));
        EXPECT_EQ(verdict, entry["verdict"].get<std::string>()) << entry["name"];
        if (claims) {
            EXPECT_EQ(text_claim(*claims, "userId"), "u1") << entry["name"];
        }
    }
}

TEST(Verify, RefusesATokenWithAnyOneByteChanged) {
    const auto all = vectors();
    const auto keys = KeySet::from_jwks(all["jwks"].dump());
    const TimePoint now{std::chrono::seconds(all["now"].get<long>())};
    for (const auto& entry : all["cases"]) {
        if (entry["name"] != "HS256" && entry["name"] != "ES256") continue;
        const auto token = entry["token"].get<std::string>();
        ASSERT_TRUE(verify(token, *keys, {}, now));
        for (std::size_t i = 0; i < token.size(); ++i) {
            auto changed = token;
            changed[i] = changed[i] == 'A' ? 'B' : 'A';
            EXPECT_FALSE(verify(changed, *keys, {}, now)) << "byte " << i;
        }
    }
}

TEST(Verify, TakesOneSecretWithoutAnyKeyId) {
    const auto all = vectors();
    auto key = Key::from_secret(all["secret"].get<std::string>());
    ASSERT_TRUE(key);
    const KeySet keys({std::move(*key)});
    const TimePoint now{std::chrono::seconds(all["now"].get<long>())};
    EXPECT_TRUE(verify(all["cases"][0]["token"].get<std::string>(), keys, {}, now));
}

TEST(TextClaim, ReadsTextsAndWholeNumbersOnly) {
    const Claims claims{.json = R"({"a":"x","b":7,"c":1.5,"d":"","e":null,"f":["x"]})"};
    EXPECT_EQ(text_claim(claims, "a"), "x");
    EXPECT_EQ(text_claim(claims, "b"), "7");
    for (const char* name : {"c", "d", "e", "f", "absent"}) {
        EXPECT_FALSE(text_claim(claims, name)) << name;
    }
}

}  // namespace
}  // namespace chatflow::auth
