#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chatflow::postgres {

/// One that the server has spent most on, since its statistics began. Not its text, which may hold
/// what people wrote.
struct StatementCost {
    std::string database;
    std::string query_id;
    std::int64_t calls = 0;
    double total_seconds = 0;
    double mean_seconds = 0;
    bool operator==(const StatementCost&) const = default;
};

/// How much one server has left of what it can run out of.
struct ServerUse {
    std::map<std::string, std::int64_t> connections;  // of clients, by state
    std::int64_t connections_max = 0;                 // that users without privileges can have
    std::int64_t oldest_transaction_seconds = 0;
    std::optional<std::int64_t> volume_bytes;  // of data and WAL
    std::optional<std::int64_t> volume_free_bytes;
    std::int64_t wal_bytes = 0;             // kept, on the same volume
    std::int64_t wal_unarchived_bytes = 0;  // of it, what the archive has not taken yet
    std::string dropped_wal;                // for read_dropped
    std::vector<StatementCost> statements;
    bool operator==(const ServerUse&) const = default;
};

using Row = std::map<std::string, std::string>;

/// For any server, primary or standby; a row of each is for read_use.
[[nodiscard]] std::vector<std::string> use_statements();
/// The first row of each answer; what is missing stays as in a new one.
[[nodiscard]] ServerUse read_use(const std::vector<std::vector<Row>>& answers);

/// The worst few; needs the extension.
extern const char* const kStatementCosts;
[[nodiscard]] std::vector<StatementCost> read_costs(const std::vector<Row>& rows);

inline constexpr std::size_t kStatementsTold = 5;

}  // namespace chatflow::postgres
