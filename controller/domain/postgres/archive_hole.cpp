#include "controller/domain/postgres/archive_hole.hpp"

#include "libs/base/number.hpp"
#include "libs/postgres/lsn.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include <fmt/format.h>

namespace chatflow::postgres {

namespace {

constexpr std::uint64_t kSegmentBytes = std::uint64_t{16} << 20;  // initdb's
constexpr std::size_t kFileName = 24;  // timeline, 4 GiB, segment: eight hexadecimal digits each

/// Where the file's WAL begins; nothing for a history or a label of a backup.
std::optional<Lsn> begin_of(const std::string& file) {
    if (file.size() != kFileName) return std::nullopt;
    const auto high = parse_number<std::uint64_t>(std::string_view(file).substr(8, 8), 16);
    const auto segment = parse_number<std::uint64_t>(std::string_view(file).substr(16, 8), 16);
    if (!high || !segment) return std::nullopt;
    return Lsn{(*high << 32U) + *segment * kSegmentBytes};
}

void widen(api::PostgresArchiveHole& hole, const DroppedWal& dropped) {
    hole.since = std::min(hole.since, dropped.at);
    hole.until = std::max(hole.until, dropped.at);
    const auto begin = begin_of(dropped.file);
    if (!begin) return;
    const Lsn end{std::to_underlying(*begin) + kSegmentBytes};
    const auto from = parse_lsn(hole.from_lsn);
    const auto to = parse_lsn(hole.to_lsn);
    if (!from || *begin < *from) hole.from_lsn = to_string(*begin);
    if (!to || end > *to) hole.to_lsn = to_string(end);
}

}  // namespace

std::vector<DroppedWal> read_dropped(std::string_view text) {
    std::vector<DroppedWal> all;
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        const auto space = line.find(' ');
        const auto at = parse_number<std::int64_t>(line.substr(0, space));
        if (!at || space == std::string_view::npos) continue;
        all.push_back({.at = TimePoint{std::chrono::seconds{*at}},
                       .file = std::string(line.substr(space + 1))});
    }
    return all;
}

std::optional<api::PostgresArchiveHole> archive_hole(std::optional<api::PostgresArchiveHole> before,
                                                     const std::vector<DroppedWal>& dropped,
                                                     std::optional<TimePoint> full_began) {
    std::optional<api::PostgresArchiveHole> hole = std::move(before);
    if (hole && full_began && *full_began > hole->until) hole.reset();
    for (const DroppedWal& wal : dropped) {
        if (full_began && wal.at < *full_began) continue;
        if (!hole) {
            hole = api::PostgresArchiveHole{
                .from_lsn = "", .to_lsn = "", .since = wal.at, .until = wal.at};
        }
        widen(*hole, wal);
    }
    return hole;
}

std::string to_string(const api::PostgresArchiveHole& hole) {
    const std::string what = hole.from_lsn.empty()
                                 ? "the history of a timeline"
                                 : fmt::format("WAL from {} to {}", hole.from_lsn, hole.to_lsn);
    return fmt::format(
        "{} is missing in the repository, dropped from {} to {}: no moment in it "
        "can be restored, nor one behind it before the next full backup",
        what, format_rfc3339(hole.since), format_rfc3339(hole.until));
}

}  // namespace chatflow::postgres
