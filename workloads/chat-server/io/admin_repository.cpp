#include "workloads/chat-server/io/admin_repository.hpp"

#include "libs/postgres/reads.hpp"
#include "workloads/chat-server/io/audit.hpp"
#include "workloads/chat-server/io/rows.hpp"
#include "workloads/chat-server/io/statements.hpp"

#include <utility>

#include <pqxx/pqxx>

namespace chatflow::chat {
namespace {

constexpr auto kListUsers = R"sql(
    SELECT id, handle, display_name, role, created_at FROM users
    WHERE handle > $2 AND starts_with(handle, $1) ORDER BY handle LIMIT $3)sql";

constexpr auto kSetRole = R"sql(
    UPDATE users SET role = $2, updated_at = clock_timestamp() WHERE id = $1
    RETURNING id, handle, display_name, role, created_at)sql";

User listed_user(const pqxx::row& row) {
    return {.id = row[0].as<std::string>(),
            .handle = row[1].as<std::string>(),
            .display_name = row[2].as<std::string>(),
            .role = role_named(row[3].view()).value_or(Role::User),
            .created_at = rfc3339_of(row[4].view())};
}

}  // namespace

awaitable<std::vector<User>> AdminRepository::users(std::string prefix, std::string after,
                                                    int limit, postgres::Lsn after_write,
                                                    Deadline deadline) {
    auto list = [prefix = std::move(prefix), after = std::move(after),
                 limit](pqxx::connection& connection) {
        pqxx::nontransaction query(connection);
        std::vector<User> users;
        for (const auto& row : query.exec(kListUsers, pqxx::params{prefix, after, limit + 1})) {
            users.push_back(listed_user(row));
        }
        return users;
    };
    return reads_.run(std::move(list), after_write, deadline);
}

awaitable<std::optional<User>> AdminRepository::set_role(std::string user_id, Role role,
                                                         std::string by, Deadline deadline) {
    auto set = [user_id = std::move(user_id), role,
                by = std::move(by)](pqxx::connection& connection) -> std::optional<User> {
        pqxx::work transaction(connection);
        const std::string name(to_string(role));
        const auto changed = transaction.exec(kSetRole, pqxx::params{user_id, name});
        if (changed.empty()) return std::nullopt;
        transaction.exec(pqxx::prepped{kCloseSessions}, pqxx::params{user_id});
        put_audit(transaction, {.actor = by,
                                .action = "user.role",
                                .target = user_id,
                                .details = R"({"role":")" + name + "\"}"});
        transaction.commit();
        return listed_user(changed[0]);
    };
    return pool_.run(std::move(set), deadline);
}

awaitable<int> AdminRepository::end_sessions(std::string user_id, std::string by,
                                             Deadline deadline) {
    auto end = [user_id = std::move(user_id), by = std::move(by)](pqxx::connection& connection) {
        pqxx::work transaction(connection);
        const auto ended =
            transaction.exec(pqxx::prepped{kCloseSessions}, pqxx::params{user_id}).affected_rows();
        put_audit(transaction, {.actor = by, .action = "user.sessions", .target = user_id});
        transaction.commit();
        return static_cast<int>(ended);
    };
    return pool_.run(std::move(end), deadline);
}

}  // namespace chatflow::chat
