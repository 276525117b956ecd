#include "controller/domain/postgres/index_hints.hpp"

#include <algorithm>
#include <cctype>
#include <string_view>

namespace chatflow::postgres {

namespace {

// A scan of fewer rows is often the fastest way to read them.
constexpr std::int64_t kRowsLeast = 10'000;
// Fewer may be a backup, a migration or somebody's report.
constexpr std::int64_t kScansLeast = 20;
constexpr std::int64_t kSecondsAgoMax = 3600;

bool is_in_need(const TableUse& table) {
    const bool is_recent = table.seconds_since_scan && *table.seconds_since_scan <= kSecondsAgoMax;
    if (!is_recent || table.scans < kScansLeast || table.rows < kRowsLeast) return false;
    // A query with LIMIT that finds what it wants early needs no index.
    return table.rows_read / table.scans >= kRowsLeast;
}

bool is_of_name(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$';
}

/// Whether the text has the name as a word of its own.
bool mentions(std::string_view text, std::string_view name) {
    for (auto at = text.find(name); at != std::string_view::npos; at = text.find(name, at + 1)) {
        const auto end = at + name.size();
        const bool begins = at == 0 || !is_of_name(text[at - 1]);
        const bool ends = end == text.size() || !is_of_name(text[end]);
        if (begins && ends) return true;
    }
    return false;
}

std::string line_of(std::string text) {
    std::ranges::replace_if(
        text, [](char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }, ' ');
    const auto repeated =
        std::ranges::unique(text, [](char a, char b) { return a == ' ' && b == ' '; });
    text.erase(repeated.begin(), repeated.end());
    if (text.size() <= api::kIndexHintStatementMax) return text;
    auto end = api::kIndexHintStatementMax - 3;
    // Not within a character of several bytes.
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    return text.substr(0, end) + "...";
}

std::string slowest(const TableUse& table, const std::vector<StatementUse>& statements) {
    const std::string name = table.table.substr(table.table.find('.') + 1);
    const StatementUse* found = nullptr;
    for (const StatementUse& statement : statements) {
        if (statement.database != table.database || !mentions(statement.text, name)) continue;
        if (found == nullptr || statement.total_ms > found->total_ms) found = &statement;
    }
    return found == nullptr ? "" : line_of(found->text);
}

}  // namespace

const char* const kTableUse =
    "SELECT schemaname || '.' || relname AS table, seq_scan AS scans, seq_tup_read AS rows_read, "
    "n_live_tup AS rows, pg_table_size(relid) AS size_bytes, "
    "extract(epoch FROM now() - last_seq_scan)::bigint AS seconds_since_scan "
    "FROM pg_stat_user_tables WHERE seq_scan > 0 ORDER BY seq_tup_read DESC LIMIT 20";

// Statements on data: their constants are left out, unlike those of CREATE ROLE and the like.
const char* const kStatementUse =
    "SELECT left(query, 1000) AS text, total_exec_time AS total_ms FROM pg_stat_statements "
    "WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) "
    "AND query ~* '^\\s*(select|update|delete|with)\\s' ORDER BY total_exec_time DESC LIMIT 50";

std::vector<api::PostgresIndexHint> index_hints(const std::vector<TableUse>& tables,
                                                const std::vector<StatementUse>& statements) {
    std::vector<TableUse> needy;
    std::ranges::copy_if(tables, std::back_inserter(needy), is_in_need);
    std::ranges::sort(needy, std::ranges::greater{}, &TableUse::rows_read);
    if (needy.size() > api::kIndexHintsMax) needy.resize(api::kIndexHintsMax);
    std::vector<api::PostgresIndexHint> hints;
    for (const TableUse& table : needy) {
        hints.push_back({.database = table.database,
                         .table = table.table,
                         .scans = table.scans,
                         .rows_per_scan = table.rows_read / table.scans,
                         .size_bytes = table.size_bytes,
                         .statement = slowest(table, statements)});
    }
    return hints;
}

}  // namespace chatflow::postgres
