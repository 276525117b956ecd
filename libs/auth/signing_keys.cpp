#include "libs/auth/signing_keys.hpp"

#include "libs/auth/sha256.hpp"
#include "libs/base/base64.hpp"

#include <array>
#include <optional>
#include <stdexcept>
#include <utility>

#include <nlohmann/json.hpp>
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

namespace chatflow::auth {
namespace {

using nlohmann::json;
using PrivateKey = std::shared_ptr<evp_pkey_st>;

constexpr std::string_view kExpected =
    "must hold one to eight private keys in PEM (PKCS #8, not encrypted), Ed25519 or EC P-256";
constexpr std::size_t kCoordinateBytes = 32;  // of P-256

template <class T, void (*Free)(T*)>
struct Freed {
    void operator()(T* value) const { Free(value); }
};
using DigestContext = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX, EVP_MD_CTX_free>>;
using EcSignature = std::unique_ptr<ECDSA_SIG, Freed<ECDSA_SIG, ECDSA_SIG_free>>;

struct Block {
    std::string name;  // "PRIVATE KEY"
    std::string bytes;
};

std::optional<Block> next_block(BIO* pem) {
    char* name = nullptr;
    char* header = nullptr;
    unsigned char* data = nullptr;
    long size = 0;
    if (pem == nullptr || PEM_read_bio(pem, &name, &header, &data, &size) != 1) {
        return std::nullopt;
    }
    Block block{name, {reinterpret_cast<const char*>(data), static_cast<std::size_t>(size)}};
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_clear_free(data, static_cast<std::size_t>(size));
    return block;
}

PrivateKey private_key(const Block& block) {
    if (block.name != "PRIVATE KEY") return nullptr;
    const auto* bytes = reinterpret_cast<const unsigned char*>(block.bytes.data());
    EVP_PKEY* const key =
        d2i_AutoPrivateKey(nullptr, &bytes, static_cast<long>(block.bytes.size()));
    return {key, EVP_PKEY_free};
}

// nullopt: not a key of ours. The names in the order of RFC 7638, since the thumbprint is of them.
std::optional<json> public_jwk(const PrivateKey& key) {
    if (EVP_PKEY_get_base_id(key.get()) == EVP_PKEY_ED25519) {
        std::array<unsigned char, 32> x{};
        std::size_t size = x.size();
        if (EVP_PKEY_get_raw_public_key(key.get(), x.data(), &size) != 1) return std::nullopt;
        return json{{"crv", "Ed25519"},
                    {"kty", "OKP"},
                    {"x", encode_base64url({reinterpret_cast<const char*>(x.data()), size})}};
    }
    if (EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_EC || EVP_PKEY_get_bits(key.get()) != 256) {
        return std::nullopt;
    }
    std::array<unsigned char, 1 + (2 * kCoordinateBytes)> point{};
    std::size_t size = 0;
    std::array<char, 32> group{};
    if (EVP_PKEY_get_octet_string_param(key.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                        point.size(), &size) != 1 ||
        size != point.size() ||
        EVP_PKEY_get_utf8_string_param(key.get(), OSSL_PKEY_PARAM_GROUP_NAME, group.data(),
                                       group.size(), nullptr) != 1 ||
        std::string_view(group.data()) != "prime256v1") {
        return std::nullopt;
    }
    const std::string_view bytes(reinterpret_cast<const char*>(point.data()), size);
    return json{{"crv", "P-256"},
                {"kty", "EC"},
                {"x", encode_base64url(bytes.substr(1, kCoordinateBytes))},
                {"y", encode_base64url(bytes.substr(1 + kCoordinateBytes))}};
}

// RFC 7638: SHA-256 of the required members, without spaces, their names in alphabetical order.
std::string thumbprint(const json& jwk) {
    return encode_base64url(sha256(jwk.dump()));  // nlohmann sorts the names
}

std::string raw_signature(const PrivateKey& key, std::string_view text, bool is_edwards) {
    const DigestContext context(EVP_MD_CTX_new());
    std::size_t size = 0;
    const auto* const bytes = reinterpret_cast<const unsigned char*>(text.data());
    const EVP_MD* const digest = is_edwards ? nullptr : EVP_sha256();
    if (!context || EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, key.get()) != 1 ||
        EVP_DigestSign(context.get(), nullptr, &size, bytes, text.size()) != 1) {
        throw std::runtime_error("OpenSSL cannot sign with this key");
    }
    std::string signature(size, '\0');
    if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                       bytes, text.size()) != 1) {
        throw std::runtime_error("OpenSSL cannot sign with this key");
    }
    signature.resize(size);
    return signature;
}

// RFC 7518 §3.4 wants r and s one after the other, OpenSSL gives them as DER.
std::string jose_form(const std::string& der) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
    const EcSignature parts(d2i_ECDSA_SIG(nullptr, &bytes, static_cast<long>(der.size())));
    std::string signature(2 * kCoordinateBytes, '\0');
    auto* const out = reinterpret_cast<unsigned char*>(signature.data());
    constexpr int kBytes = kCoordinateBytes;
    if (!parts || BN_bn2binpad(ECDSA_SIG_get0_r(parts.get()), out, kBytes) != kBytes ||
        BN_bn2binpad(ECDSA_SIG_get0_s(parts.get()), out + kBytes, kBytes) != kBytes) {
        throw std::runtime_error("OpenSSL gave no usable signature");
    }
    return signature;
}

}  // namespace

std::expected<SigningKeys, std::string> SigningKeys::from_pem(const std::string& pem) {
    const std::unique_ptr<BIO, Freed<BIO, BIO_vfree>> bytes(
        BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    std::vector<SigningKey> keys;
    ERR_clear_error();
    while (const auto block = next_block(bytes.get())) {
        const PrivateKey key = private_key(*block);
        const auto jwk = key ? public_jwk(key) : std::nullopt;
        if (!jwk || keys.size() == kSigningKeysMax) return std::unexpected(std::string(kExpected));
        keys.push_back({key, thumbprint(*jwk), jwk->at("kty") == "OKP"});
    }
    // The end, or a block that is broken?
    const bool is_at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    if (keys.empty() || !is_at_end) return std::unexpected(std::string(kExpected));
    return SigningKeys(std::move(keys));
}

SigningKeys::SigningKeys(std::vector<SigningKey> keys) : keys_(std::move(keys)) {
    json all = json::array();
    for (const SigningKey& key : keys_) {
        json jwk = *public_jwk(key.key);
        jwk["kid"] = key.id;
        jwk["use"] = "sig";
        jwk["alg"] = key.is_edwards ? "EdDSA" : "ES256";
        all.push_back(std::move(jwk));
    }
    jwks_ = json{{"keys", std::move(all)}}.dump();
    const SigningKey& first = keys_.front();
    const json header{
        {"alg", first.is_edwards ? "EdDSA" : "ES256"}, {"kid", first.id}, {"typ", "JWT"}};
    header_ = encode_base64url(header.dump());
}

std::string SigningKeys::sign(std::string_view claims) const {
    std::string token = header_ + '.' + encode_base64url(claims);
    const SigningKey& first = keys_.front();
    std::string signature = raw_signature(first.key, token, first.is_edwards);
    if (!first.is_edwards) signature = jose_form(signature);
    return token + '.' + encode_base64url(signature);
}

}  // namespace chatflow::auth
