#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pqxx {
class connection;
}

namespace chatflow::chat {

/// One file of migrations/, compiled in.
struct Migration {
    int number;
    std::string_view name;  // "0001_rooms_and_messages"
    std::string_view sql;
};

/// All, in order.
[[nodiscard]] std::span<const Migration> migrations();
[[nodiscard]] int newest_migration();

/// Brings the database to the newest schema, each migration in a transaction of its own, while an
/// advisory lock keeps others out. Returns the names of what was applied. Throws
/// std::runtime_error when an applied migration's text is not the one it was applied with, or when
/// the connection goes through a pooler.
std::vector<std::string> migrate(pqxx::connection& connection,
                                 std::span<const Migration> wanted = migrations());

/// The number of the last applied migration; 0 for an empty database.
[[nodiscard]] int schema_version(pqxx::connection& connection);

}  // namespace chatflow::chat
