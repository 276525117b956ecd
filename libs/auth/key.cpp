#include "libs/auth/key.hpp"

#include "libs/base/base64.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <nlohmann/json.hpp>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

namespace chatflow::auth {
namespace {

using nlohmann::json;
using PublicKey = std::shared_ptr<evp_pkey_st>;

constexpr std::size_t kSecretBytesMin = 32;  // RFC 7518 §3.2: not shorter than the hash, of HS256
constexpr int kRsaBitsMin = 2048;            // RFC 7518 §3.3
constexpr int kRsaBitsMax = 8192;            // a longer one costs more time than a login may take

template <class T, void (*Free)(T*)>
struct Freed {
    void operator()(T* value) const { Free(value); }
};
using Number = std::unique_ptr<BIGNUM, Freed<BIGNUM, BN_free>>;
using ParamBuilder = std::unique_ptr<OSSL_PARAM_BLD, Freed<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, Freed<OSSL_PARAM, OSSL_PARAM_free>>;
using Context = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX, EVP_PKEY_CTX_free>>;

PublicKey owned(EVP_PKEY* key) { return {key, EVP_PKEY_free}; }

const unsigned char* bytes_of(const std::string& text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

std::optional<std::string> member_bytes(const json& jwk, const char* name) {
    const auto found = jwk.find(name);
    if (found == jwk.end() || !found->is_string()) return std::nullopt;
    return decode_base64url(found->get_ref<const std::string&>());
}

std::string member_text(const json& jwk, const char* name) {
    const auto found = jwk.find(name);
    return found != jwk.end() && found->is_string() ? found->get<std::string>() : std::string();
}

PublicKey from_params(const char* type, OSSL_PARAM_BLD* builder) {
    const Params params(OSSL_PARAM_BLD_to_param(builder));
    const Context context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    EVP_PKEY* key = nullptr;
    if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1) return nullptr;
    if (EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) {
        return nullptr;
    }
    return owned(key);
}

Number number_of(const std::string& bytes) {
    return Number(BN_bin2bn(bytes_of(bytes), static_cast<int>(bytes.size()), nullptr));
}

PublicKey rsa_key(const json& jwk) {
    const auto modulus = member_bytes(jwk, "n");
    const auto exponent = member_bytes(jwk, "e");
    if (!modulus || !exponent || modulus->size() > kRsaBitsMax / 8) return nullptr;
    const Number n = number_of(*modulus);
    const Number e = number_of(*exponent);
    const ParamBuilder builder(OSSL_PARAM_BLD_new());
    if (!n || !e || !builder) return nullptr;
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
    return from_params("RSA", builder.get());
}

struct Curve {
    std::string_view name;  // of RFC 7518 §6.2.1.1
    const char* openssl_name;
    std::size_t coordinate_bytes;
};
constexpr std::array<Curve, 3> kCurves = {
    {{"P-256", "P-256", 32}, {"P-384", "P-384", 48}, {"P-521", "P-521", 66}}};

PublicKey elliptic_key(const json& jwk) {
    const auto curve = std::ranges::find(kCurves, member_text(jwk, "crv"), &Curve::name);
    const auto x = member_bytes(jwk, "x");
    const auto y = member_bytes(jwk, "y");
    if (curve == kCurves.end() || !x || !y) return nullptr;
    if (x->size() != curve->coordinate_bytes || y->size() != curve->coordinate_bytes)
        return nullptr;
    const std::string point = "\x04" + *x + *y;  // SEC 1: uncompressed
    const ParamBuilder builder(OSSL_PARAM_BLD_new());
    if (!builder) return nullptr;
    OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve->openssl_name,
                                    0);
    OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                     point.size());
    return from_params("EC", builder.get());  // refuses a point that is not on the curve
}

PublicKey edwards_key(const json& jwk) {
    const auto x = member_bytes(jwk, "x");
    const auto curve = member_text(jwk, "crv");
    const int type = curve == "Ed25519" ? EVP_PKEY_ED25519 : EVP_PKEY_ED448;
    if (!x || (curve != "Ed25519" && curve != "Ed448")) return nullptr;
    EVP_PKEY* const key = EVP_PKEY_new_raw_public_key(type, nullptr, bytes_of(*x), x->size());
    return key != nullptr ? owned(key) : nullptr;
}

bool may_verify(const json& jwk) {
    if (const auto use = jwk.find("use"); use != jwk.end() && *use != "sig") return false;
    const auto operations = jwk.find("key_ops");
    if (operations == jwk.end()) return true;
    return operations->is_array() && std::ranges::find(*operations, "verify") != operations->end();
}

}  // namespace

std::expected<Key, std::string> Key::from_secret(std::string_view secret) {
    if (secret.size() < kSecretBytesMin) {
        return std::unexpected("must be at least 32 bytes long, not " +
                               std::to_string(secret.size()));
    }
    return Key(KeyFamily::Secret, std::string(secret));
}

std::expected<Key, std::string> Key::from_public_key(PublicKey public_key) {
    if (!public_key) return std::unexpected("is not a valid public key");
    const int type = EVP_PKEY_get_base_id(public_key.get());
    const int bits = EVP_PKEY_get_bits(public_key.get());
    const auto family = type == EVP_PKEY_RSA  ? KeyFamily::Rsa
                        : type == EVP_PKEY_EC ? KeyFamily::EllipticCurve
                                              : KeyFamily::Edwards;
    if (family == KeyFamily::Edwards && type != EVP_PKEY_ED25519 && type != EVP_PKEY_ED448) {
        return std::unexpected("must be an RSA, EC, Ed25519 or Ed448 key");
    }
    if (family == KeyFamily::Rsa && (bits < kRsaBitsMin || bits > kRsaBitsMax)) {
        return std::unexpected("must have from 2048 to 8192 bits, not " + std::to_string(bits));
    }
    Key key(family, {});
    key.public_key_ = std::move(public_key);
    key.bits_ = bits;
    return key;
}

std::expected<Key, std::string> Key::from_pem(const std::string& pem) {
    const std::unique_ptr<BIO, Freed<BIO, BIO_vfree>> bytes(
        BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    EVP_PKEY* const key =
        bytes ? PEM_read_bio_PUBKEY(bytes.get(), nullptr, nullptr, nullptr) : nullptr;
    return from_public_key(key != nullptr ? owned(key) : nullptr);
}

std::expected<Key, std::string> Key::from_jwk(const json& jwk) {
    if (!jwk.is_object()) return std::unexpected("must be an object");
    if (!may_verify(jwk)) return std::unexpected("is not for verifying signatures");
    const auto type = member_text(jwk, "kty");
    std::expected<Key, std::string> key = std::unexpected("kty must be oct, RSA, EC or OKP");
    if (type == "oct") {
        const auto secret = member_bytes(jwk, "k");
        if (!secret) return std::unexpected("k must be base64url");
        key = from_secret(*secret);
    } else if (type == "RSA") {
        key = from_public_key(rsa_key(jwk));
    } else if (type == "EC") {
        key = from_public_key(elliptic_key(jwk));
    } else if (type == "OKP") {
        key = from_public_key(edwards_key(jwk));
    }
    if (!key) return key;
    key->id_ = member_text(jwk, "kid");
    if (jwk.contains("alg")) {
        key->algorithm_ = algorithm_named(member_text(jwk, "alg"));
        if (!key->algorithm_ || family_of(*key->algorithm_) != key->family_) {
            return std::unexpected("alg does not fit kty");
        }
    }
    return key;
}

bool Key::serves(Algorithm algorithm) const {
    if (family_of(algorithm) != family_) return false;
    if (algorithm_ && *algorithm_ != algorithm) return false;
    switch (algorithm) {
        case Algorithm::HS256:
            return secret_.size() >= 32;
        case Algorithm::HS384:
            return secret_.size() >= 48;
        case Algorithm::HS512:
            return secret_.size() >= 64;
        case Algorithm::ES256:
            return bits_ == 256;  // RFC 7518 §3.4 ties hash and curve
        case Algorithm::ES384:
            return bits_ == 384;
        case Algorithm::ES512:
            return bits_ == 521;
        case Algorithm::RS256:
        case Algorithm::RS384:
        case Algorithm::RS512:
        case Algorithm::PS256:
        case Algorithm::PS384:
        case Algorithm::PS512:
        case Algorithm::EdDSA:
            return true;
    }
    return false;
}

}  // namespace chatflow::auth
