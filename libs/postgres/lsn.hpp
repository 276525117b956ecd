#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace chatflow::postgres {

/// A place in the write-ahead log: what a server has replayed up to there it shows. 0: before all.
enum class Lsn : std::uint64_t {};

/// Beyond all: only the primary itself has it.
constexpr Lsn kNewest{std::numeric_limits<std::uint64_t>::max()};

/// PostgreSQL's text, "16/B374D848". Nothing for any other text.
[[nodiscard]] std::optional<Lsn> parse_lsn(std::string_view text);
[[nodiscard]] std::string to_string(Lsn lsn);

}  // namespace chatflow::postgres
