#include "libs/auth/signing_keys.hpp"

#include "libs/auth/verify.hpp"

#include <chrono>
#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

namespace chatflow::auth {
namespace {

using nlohmann::json;

constexpr TimePoint kNow{std::chrono::seconds(1'800'000'000)};

std::string pem_of(EVP_PKEY* made, const EVP_CIPHER* cipher = nullptr) {
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(made, EVP_PKEY_free);
    const std::unique_ptr<BIO, decltype(&BIO_free)> bytes(BIO_new(BIO_s_mem()), BIO_free);
    std::string passphrase = "secret";
    PEM_write_bio_PKCS8PrivateKey(bytes.get(), key.get(), cipher, passphrase.data(),
                                  cipher != nullptr ? 6 : 0, nullptr, nullptr);
    char* text = nullptr;
    const auto size = BIO_get_mem_data(bytes.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

std::string edwards_pem() { return pem_of(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")); }
std::string elliptic_pem(const char* curve = "P-256") { return pem_of(EVP_EC_gen(curve)); }

SigningKeys keys_from(const std::string& pem) { return SigningKeys::from_pem(pem).value(); }

KeySet public_keys(const SigningKeys& keys) { return KeySet::from_jwks(keys.jwks()).value(); }

std::string token_of(const SigningKeys& keys) {
    return keys.sign(json{{"sub", "ann"}, {"exp", 1'800'000'060}}.dump());
}

class SigningKeysOf : public testing::TestWithParam<std::string> {};

TEST_P(SigningKeysOf, SignWhatTheirPublicKeysVerify) {
    const SigningKeys keys = keys_from(GetParam());
    const std::string token = token_of(keys);
    const auto claims = verify(token, public_keys(keys), {}, kNow);
    ASSERT_TRUE(claims) << to_string(claims.error());
    EXPECT_EQ(claims->subject, "ann");

    std::string forged = token;
    forged[forged.find('.') + 2] ^= 1;
    EXPECT_FALSE(verify(forged, public_keys(keys), {}, kNow));
    EXPECT_FALSE(verify(token, public_keys(keys_from(edwards_pem())), {}, kNow));
}

TEST_P(SigningKeysOf, PublishNothingPrivate) {
    const json jwks = json::parse(keys_from(GetParam()).jwks());
    EXPECT_FALSE(jwks["keys"][0].contains("d"));
    EXPECT_EQ(jwks["keys"][0]["use"], "sig");
}

INSTANTIATE_TEST_SUITE_P(Ed25519, SigningKeysOf, testing::Values(edwards_pem()));
INSTANTIATE_TEST_SUITE_P(P256, SigningKeysOf, testing::Values(elliptic_pem()));

TEST(SigningKeys, TheFirstSignsAndAllVerify) {
    const std::string old_pem = elliptic_pem();
    const std::string old_token = token_of(keys_from(old_pem));
    const SigningKeys rotated = keys_from(edwards_pem() + old_pem);
    const KeySet verifying = public_keys(rotated);
    EXPECT_EQ(verifying.size(), 2U);
    EXPECT_TRUE(verify(old_token, verifying, {}, kNow));
    EXPECT_EQ(parse_jwt(token_of(rotated))->algorithm, Algorithm::EdDSA);
}

TEST(SigningKeys, AKeyKeepsItsIdWhereverItStands) {
    const std::string first = edwards_pem();
    const std::string second = edwards_pem();
    const json jwks = json::parse(keys_from(first + second).jwks());
    const json turned = json::parse(keys_from(second + first).jwks());
    EXPECT_EQ(jwks["keys"][0]["kid"], turned["keys"][1]["kid"]);
    EXPECT_NE(jwks["keys"][0]["kid"], jwks["keys"][1]["kid"]);
}

TEST(SigningKeys, OtherFilesAreRefused) {
    std::string many;
    for (std::size_t i = 0; i <= kSigningKeysMax; ++i) many += edwards_pem();
    const std::string broken = edwards_pem().insert(80, "!");
    for (const std::string& pem :
         {std::string(), std::string("no key"), elliptic_pem("P-384"), many, broken,
          edwards_pem() + broken, pem_of(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519")),
          pem_of(EVP_RSA_gen(2048)),
          pem_of(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), EVP_aes_256_cbc())}) {
        EXPECT_FALSE(SigningKeys::from_pem(pem)) << pem.size();
    }
}

}  // namespace
}  // namespace chatflow::auth
