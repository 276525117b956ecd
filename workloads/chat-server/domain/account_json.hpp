#pragma once

#include "workloads/chat-server/domain/account.hpp"

#include <chrono>
#include <string>

namespace chatflow::chat {

/// A user as the API shows it: nothing that only he or she may see.
[[nodiscard]] std::string to_json(const User& user);

/// The answer to sign-up, log-in and renewal, with the names of RFC 6749 §5.1.
[[nodiscard]] std::string session_json(const User& user, const std::string& access_token,
                                       std::chrono::seconds expires_in,
                                       const std::string& refresh_token);

}  // namespace chatflow::chat
