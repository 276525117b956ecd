#include "controller/domain/postgres/index_hints.hpp"

#include "controller/reconcilers/postgres/postgres_reconciler.hpp"

#include <charconv>
#include <chrono>
#include <utility>

namespace chatflow {

namespace {

constexpr std::chrono::minutes kLookPeriod{5};
constexpr std::chrono::seconds kQuestionsTake{5};

// The largest ones.
std::vector<std::string> list_databases() {
    return {
        "SELECT datname AS name FROM pg_database WHERE datallowconn AND NOT datistemplate "
        "ORDER BY pg_database_size(oid) DESC LIMIT 20"};
}

template <class T>
T number_of(const std::map<std::string, std::string>& row, const char* column) {
    T value{};
    if (const auto found = row.find(column); found != row.end()) {
        const std::string& text = found->second;
        std::from_chars(text.data(), text.data() + text.size(), value);
    }
    return value;
}

postgres::TableUse table_of(const std::string& database,
                            const std::map<std::string, std::string>& row) {
    postgres::TableUse table{.database = database,
                             .table = row.at("table"),
                             .scans = number_of<std::int64_t>(row, "scans"),
                             .rows_read = number_of<std::int64_t>(row, "rows_read"),
                             .rows = number_of<std::int64_t>(row, "rows"),
                             .size_bytes = number_of<std::int64_t>(row, "size_bytes"),
                             .seconds_since_scan = std::nullopt};
    if (row.contains("seconds_since_scan")) {
        table.seconds_since_scan = number_of<std::int64_t>(row, "seconds_since_scan");
    }
    return table;
}

}  // namespace

/// None of a database that does not answer, such as one without the extension: the others are asked
/// even so.
awaitable<sql::Rows> PostgresReconciler::rows_of(sql::Server server, std::string question,
                                                 Deadline deadline, const Log& log) {
    const std::vector<std::string> questions{std::move(question)};
    try {
        auto answers = co_await parts_.sql.run(server, questions, deadline);
        co_return std::move(answers.at(0));
    } catch (const sql::Error& error) {
        log.debug("Tables and statements cannot be seen",
                  {{"database", server.database}, {"error", error.what()}});
        co_return sql::Rows{};
    }
}

awaitable<void> PostgresReconciler::look_for_indexes(ObservedTopology& seen, Deadline deadline,
                                                     const Log& log) {
    seen.seen.index_hints = seen.topology.status.index_hints;
    Memory& memory = memory_of(seen.topology);
    auto primary = primary_of(seen);
    if (!primary || seen.seen.now - memory.looked_for_indexes < kLookPeriod) co_return;
    memory.looked_for_indexes = seen.seen.now;
    std::vector<postgres::TableUse> tables;
    std::vector<postgres::StatementUse> statements;
    const Deadline limit = deadline.but_within(kQuestionsTake);
    try {
        const auto databases = co_await parts_.sql.run(*primary, list_databases(), limit);
        for (const auto& database : databases.at(0)) {
            primary->database = database.at("name");
            const auto used = co_await rows_of(*primary, postgres::kTableUse, limit, log);
            for (const auto& row : used) {
                tables.push_back(table_of(primary->database, row));
            }
            const auto run = co_await rows_of(*primary, postgres::kStatementUse, limit, log);
            for (const auto& row : run) {
                statements.push_back({.database = primary->database,
                                      .text = row.at("text"),
                                      .total_ms = number_of<double>(row, "total_ms")});
            }
        }
    } catch (const sql::Error& error) {
        // A primary that is changing.
        log.debug("Tables and statements cannot be seen", {{"error", error.what()}});
        co_return;
    }
    seen.seen.index_hints = postgres::index_hints(tables, statements);
}

}  // namespace chatflow
