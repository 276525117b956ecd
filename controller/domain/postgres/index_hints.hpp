#pragma once

#include "controller/api/postgres_index_hint.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace chatflow::postgres {

/// What pg_stat_user_tables tells of one table.
struct TableUse {
    std::string database;
    std::string table;  // "schema.name"
    std::int64_t scans = 0;
    std::int64_t rows_read = 0;  // by these scans
    std::int64_t rows = 0;       // that it has
    std::int64_t size_bytes = 0;
    std::optional<std::int64_t> seconds_since_scan;
};

/// What pg_stat_statements tells of one statement.
struct StatementUse {
    std::string database;
    std::string text;
    double total_ms = 0;
};

/// The tables that an index may be missing on: large ones of which queries kept reading most, also
/// within the last hour; one that has got its index is told for an hour more. The most rows read
/// first, at most kIndexHintsMax.
[[nodiscard]] std::vector<api::PostgresIndexHint> index_hints(
    const std::vector<TableUse>& tables, const std::vector<StatementUse>& statements);

/// To be asked of each database; their columns are the fields' names.
extern const char* const kTableUse;
extern const char* const kStatementUse;

}  // namespace chatflow::postgres
