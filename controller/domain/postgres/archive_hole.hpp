#pragma once

#include "controller/api/postgres_backup.hpp"
#include "libs/base/time.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chatflow::postgres {

/// A file that the archive command has dropped, as the queue of such files was full.
struct DroppedWal {
    TimePoint at{};
    std::string file;
    bool operator==(const DroppedWal&) const = default;
};

/// What the archive command has noted, a line for each file; other lines are passed over.
[[nodiscard]] std::vector<DroppedWal> read_dropped(std::string_view text);

/// The hole that is there, with what has been dropped. Nothing once a full backup that began
/// behind it is complete.
[[nodiscard]] std::optional<api::PostgresArchiveHole> archive_hole(
    std::optional<api::PostgresArchiveHole> before, const std::vector<DroppedWal>& dropped,
    std::optional<TimePoint> full_began);

/// In a sentence.
[[nodiscard]] std::string to_string(const api::PostgresArchiveHole& hole);

}  // namespace chatflow::postgres
