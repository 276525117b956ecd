#pragma once

#include "libs/base/time.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chatflow::chat {

/// Secrets that sign; the first one signs, all of them verify, so that they may be changed one
/// after the other.
using Secrets = std::vector<std::string>;

/// One secret a line; lines that are empty are left out.
[[nodiscard]] Secrets parse_secrets(std::string_view text);

/// "?expires=…&signature=…": whoever has it may fetch `name` for one to two hours. It is the same
/// for all who ask within an hour, so that caches on the way hold one copy.
[[nodiscard]] std::string link_query(std::string_view name, const Secrets& secrets, TimePoint now);

enum class LinkVerdict { Good, Expired, Forged };
/// `expires` and `signature` as the address has them.
[[nodiscard]] LinkVerdict check_link(std::string_view name, std::string_view expires,
                                     std::string_view signature, const Secrets& secrets,
                                     TimePoint now);

}  // namespace chatflow::chat
