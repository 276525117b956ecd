#pragma once

#include "libs/redis/command.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace chatflow::redis {

inline constexpr std::uint16_t kSlots = 16'384;

/// The hash slot of a key in Redis Cluster: CRC16 (XMODEM) of the key, or of the part in the first
/// {braces} if that is not empty.
[[nodiscard]] std::uint16_t slot_of(std::string_view key);

/// The key that decides which node of a cluster a command goes to; nothing for commands that any
/// node can serve (PING, PUBLISH, …). A view into the command.
[[nodiscard]] std::optional<std::string_view> key_of(const Command& command);

}  // namespace chatflow::redis
