#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace chatflow::api {

/// A large table that queries keep reading from end to end: an index may be missing.
struct PostgresIndexHint {
    std::string database;
    std::string table;  // with its schema
    std::int64_t scans = 0;
    std::int64_t rows_per_scan = 0;
    std::int64_t size_bytes = 0;
    std::string statement;  // that takes the most time on it, without its constants; may be empty
    bool operator==(const PostgresIndexHint&) const = default;
};

inline constexpr std::size_t kIndexHintsMax = 5;
inline constexpr std::size_t kIndexHintStatementMax = 200;

}  // namespace chatflow::api
