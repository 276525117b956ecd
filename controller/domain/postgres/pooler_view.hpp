#pragma once

#include "controller/api/postgres_topology.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chatflow::postgres {

/// Rows of an answer, as maps from column to text.
using ConsoleRows = std::vector<std::map<std::string, std::string>>;

/// Of SHOW STATE: whether PgBouncer holds transactions.
[[nodiscard]] bool is_paused(const ConsoleRows& state);

/// Of SHOW POOLS of every pod that answers, and of its SHOW STATE.
struct PoolerAnswer {
    ConsoleRows state;
    ConsoleRows pools;
};
[[nodiscard]] api::PostgresPoolerStatus pooler_status(const std::vector<PoolerAnswer>& answers);

/// Of the proxy's page, as CSV: the servers of the frontend "primary" that are up. One: the
/// primary. None: there is none. Two: the proxy has not heard of a change yet.
[[nodiscard]] std::vector<std::string> servers_up(std::string_view csv);

}  // namespace chatflow::postgres
