#include "controller/domain/postgres/server_use.hpp"

#include "libs/base/number.hpp"

#include <algorithm>

namespace chatflow::postgres {

namespace {

constexpr const char* kConnections =
    "SELECT count(*) FILTER (WHERE state = 'active') AS active, "
    "count(*) FILTER (WHERE state = 'idle') AS idle, "
    "count(*) FILTER (WHERE state LIKE 'idle in transaction%') AS idle_in_transaction, "
    "count(*) FILTER (WHERE state IS NULL OR (state NOT IN ('active', 'idle') AND "
    "state NOT LIKE 'idle in transaction%')) AS other, "
    "coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)), 0)::bigint AS oldest, "
    "current_setting('max_connections')::int - "
    "current_setting('superuser_reserved_connections')::int - "
    "current_setting('reserved_connections')::int AS places "
    "FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()";

// Only a program can tell, and a standby takes none of its lines into a table. Beside the socket,
// since there is room when the volume is full.
constexpr const char* kMeasureVolume =
    "DO $$ BEGIN EXECUTE format('COPY (SELECT) TO PROGRAM %L', "
    "'df -B1 --output=size,avail . | tail -n 1 >' || "
    "current_setting('unix_socket_directories') || '/chatflow-volume'); END $$";

constexpr const char* kFiles =
    "SELECT pg_read_file(current_setting('unix_socket_directories') || '/chatflow-volume') "
    "AS volume, pg_read_file('../archive-dropped', 0, 100000, true) AS dropped";

constexpr const char* kWal =
    "SELECT coalesce(sum(size), 0)::bigint AS wal, CASE WHEN pg_is_in_recovery() THEN 0 ELSE "
    "(SELECT count(*) FROM pg_ls_archive_statusdir() WHERE name LIKE '%.ready') * "
    "(SELECT setting::bigint FROM pg_settings WHERE name = 'wal_segment_size') END AS unarchived "
    "FROM pg_ls_waldir()";

std::string text_of(const Row& row, const char* column) {
    const auto found = row.find(column);
    return found == row.end() ? "" : found->second;
}

template <class T>
T number_of(const Row& row, const char* column) {
    return parse_number<T>(text_of(row, column)).value_or(T{});
}

/// "  1063256064   98304" and an end of line.
void read_volume(std::string text, ServerUse& use) {
    std::ranges::replace(text, '\n', ' ');
    std::vector<std::int64_t> numbers;
    for (std::string_view rest = text; !rest.empty();) {
        const auto word = rest.substr(0, rest.find(' '));
        rest.remove_prefix(std::min(rest.size(), word.size() + 1));
        if (const auto bytes = parse_number<std::int64_t>(word)) numbers.push_back(*bytes);
    }
    if (numbers.size() != 2) return;
    use.volume_bytes = numbers[0];
    use.volume_free_bytes = numbers[1];
}

}  // namespace

const char* const kStatementCosts =
    "SELECT d.datname AS database, s.queryid AS id, sum(s.calls)::bigint AS calls, "
    "sum(s.total_exec_time) / 1000 AS total, "
    "sum(s.total_exec_time) / greatest(sum(s.calls), 1) / 1000 AS mean "
    "FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid "
    "WHERE s.queryid IS NOT NULL GROUP BY 1, 2 ORDER BY total DESC LIMIT 5";

std::vector<std::string> use_statements() { return {kConnections, kMeasureVolume, kFiles, kWal}; }

ServerUse read_use(const std::vector<std::vector<Row>>& answers) {
    const auto row = [&](std::size_t at) {
        return at < answers.size() && !answers[at].empty() ? answers[at].front() : Row{};
    };
    ServerUse use;
    const Row connections = row(0);
    for (const char* state : {"active", "idle", "idle_in_transaction", "other"}) {
        use.connections[state] = number_of<std::int64_t>(connections, state);
    }
    use.connections_max = number_of<std::int64_t>(connections, "places");
    use.oldest_transaction_seconds = number_of<std::int64_t>(connections, "oldest");
    const Row files = row(2);
    read_volume(text_of(files, "volume"), use);
    use.dropped_wal = text_of(files, "dropped");
    const Row wal = row(3);
    use.wal_bytes = number_of<std::int64_t>(wal, "wal");
    use.wal_unarchived_bytes = number_of<std::int64_t>(wal, "unarchived");
    return use;
}

std::vector<StatementCost> read_costs(const std::vector<Row>& rows) {
    std::vector<StatementCost> costs;
    for (const Row& row : rows) {
        if (costs.size() == kStatementsTold) break;
        costs.push_back({.database = text_of(row, "database"),
                         .query_id = text_of(row, "id"),
                         .calls = number_of<std::int64_t>(row, "calls"),
                         .total_seconds = number_of<double>(row, "total"),
                         .mean_seconds = number_of<double>(row, "mean")});
    }
    return costs;
}

}  // namespace chatflow::postgres
