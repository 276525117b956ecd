#pragma once

#include "libs/base/log.hpp"
#include "workloads/chat-server/config.hpp"
#include "workloads/chat-server/domain/identity.hpp"

#include <string>

namespace chatflow::chat {

/// `chat-server set-role`: changes the role in the database and makes the kept profile void, as far
/// as Redis answers; else it says the old role until its time is over. False when there is no such
/// user. Blocks; throws what libpqxx throws.
[[nodiscard]] bool set_role_everywhere(const Config& config, const std::string& handle, Role role,
                                       const Log& log);

}  // namespace chatflow::chat
