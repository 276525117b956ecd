#pragma once

#include <string>

namespace chatflow {

/// What PostgreSQL keeps of a password, RFC 5803: "SCRAM-SHA-256$4096:salt$StoredKey:ServerKey".
/// The salt comes from `secret`, the user and the password, so that the same password makes the
/// same text: a new one would end the log-ins that poolers keep. Throws std::runtime_error.
[[nodiscard]] std::string scram_verifier(const std::string& user, const std::string& password,
                                         const std::string& secret);

}  // namespace chatflow
