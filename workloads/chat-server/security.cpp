#include "workloads/chat-server/security.hpp"

#include <stdexcept>

namespace chatflow::chat {
namespace {

auth::SigningKeys keys_from(const std::string& pem) {
    auto keys = auth::SigningKeys::from_pem(pem);
    if (!keys) {
        throw std::invalid_argument("CHATFLOW_AUTH_SIGNING_KEYS_FILE: " + keys.error() +
                                    " (or set CHATFLOW_AUTH to off)");
    }
    return std::move(*keys);
}

}  // namespace

Security::Security(const Config& config, Clock& clock, postgres::Pool& pool, const Log& log)
    : signing_keys_(keys_from(config.signing_keys)),
      public_keys_(auth::KeySet::from_jwks(signing_keys_.jwks()).value()),
      token_rules_{.issuer = config.tokens.issuer},
      accounts_(pool),
      bans_(clock, accounts_, log) {}

}  // namespace chatflow::chat
