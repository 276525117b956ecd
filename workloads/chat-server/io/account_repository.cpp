#include "workloads/chat-server/io/account_repository.hpp"

#include "libs/auth/sha256.hpp"
#include "libs/postgres/pool.hpp"
#include "workloads/chat-server/io/audit.hpp"
#include "workloads/chat-server/io/rows.hpp"
#include "workloads/chat-server/io/statements.hpp"

#include <utility>

#include <pqxx/pqxx>

namespace chatflow::chat {
namespace {

constexpr auto kRemoveExpiredSessions = R"sql(
    DELETE FROM sessions WHERE id IN (SELECT id FROM sessions
        WHERE expires_at < clock_timestamp() ORDER BY expires_at LIMIT $1
        FOR UPDATE SKIP LOCKED))sql";

std::optional<TimePoint> time_at(const pqxx::row& row, pqxx::row_size_type column) {
    if (row[column].is_null()) return std::nullopt;
    return parse_rfc3339(rfc3339_of(row[column].view()));
}

// From id, handle, display_name, role, created_at.
User user_from(const pqxx::row& row) {
    return {.id = row[0].as<std::string>(),
            .handle = row[1].as<std::string>(),
            .display_name = row[2].as<std::string>(),
            .role = role_named(row[3].view()).value_or(Role::User),
            .created_at = rfc3339_of(row[4].view())};
}

std::optional<User> one_user(const pqxx::result& rows) {
    if (rows.empty()) return std::nullopt;
    return user_from(rows[0]);
}

// From reason and until, which are null where no ban is in force.
std::optional<Ban> ban_from(const pqxx::row& row, pqxx::row_size_type first) {
    if (row[first].is_null()) return std::nullopt;
    return Ban{.user_id = row[0].as<std::string>(),
               .reason = row[first].as<std::string>(),
               .until = time_at(row, first + 1)};
}

std::string text_of(const std::optional<TimePoint>& at) { return format_rfc3339_micro(*at); }

}  // namespace

awaitable<std::optional<User>> AccountRepository::insert(std::string id, SignUp sign_up,
                                                         std::string password_hash,
                                                         Deadline deadline) {
    auto insert = [id = std::move(id), sign_up = std::move(sign_up),
                   hash = std::move(password_hash)](pqxx::connection& connection) {
        pqxx::nontransaction query(connection);
        const pqxx::params values{id, sign_up.handle, sign_up.display_name, hash};
        return one_user(query.exec(pqxx::prepped{kInsertUser}, values));
    };
    return pool_.run(std::move(insert), deadline);
}

awaitable<std::optional<Credentials>> AccountRepository::find_credentials(std::string handle,
                                                                          Deadline deadline) {
    auto find =
        [handle = std::move(handle)](pqxx::connection& connection) -> std::optional<Credentials> {
        pqxx::nontransaction query(connection);
        const auto rows = query.exec(pqxx::prepped{kFindCredentials}, pqxx::params{handle});
        if (rows.empty()) return std::nullopt;
        return Credentials{.user = user_from(rows[0]),
                           .password_hash = rows[0][5].as<std::string>(),
                           .ban = ban_from(rows[0], 6)};
    };
    return pool_.run(std::move(find), deadline);
}

awaitable<std::optional<User>> AccountRepository::find(std::string id, Deadline deadline) {
    auto find = [id = std::move(id)](pqxx::connection& connection) {
        pqxx::nontransaction query(connection);
        return one_user(query.exec(pqxx::prepped{kFindUser}, pqxx::params{id}));
    };
    return pool_.run(std::move(find), deadline);
}

awaitable<std::optional<User>> AccountRepository::rename(std::string id, std::string display_name,
                                                         Deadline deadline) {
    auto rename = [id = std::move(id),
                   name = std::move(display_name)](pqxx::connection& connection) {
        pqxx::nontransaction query(connection);
        return one_user(query.exec(pqxx::prepped{kRenameUser}, pqxx::params{id, name}));
    };
    return pool_.run(std::move(rename), deadline);
}

awaitable<void> AccountRepository::replace_password_hash(std::string id, std::string old_hash,
                                                         std::string new_hash, Deadline deadline) {
    auto replace = [id = std::move(id), old_hash = std::move(old_hash),
                    new_hash = std::move(new_hash)](pqxx::connection& connection) {
        pqxx::nontransaction query(connection);
        query.exec(pqxx::prepped{kReplacePasswordHash}, pqxx::params{id, old_hash, new_hash});
    };
    return pool_.run(std::move(replace), deadline);
}

awaitable<void> AccountRepository::open_session(RefreshToken token, std::string user_id,
                                                std::chrono::seconds life, Deadline deadline) {
    auto open = [token = std::move(token), user_id = std::move(user_id),
                 life](pqxx::connection& connection) {
        pqxx::nontransaction query(connection);
        const pqxx::params values{token.session_id, user_id, auth::sha256_hex(token.secret),
                                  life.count()};
        query.exec(pqxx::prepped{kOpenSession}, values);
    };
    return pool_.run(std::move(open), deadline);
}

awaitable<Renewal> AccountRepository::renew_session(RefreshToken token, std::string new_secret,
                                                    std::chrono::seconds life, Deadline deadline) {
    auto renew = [token = std::move(token), new_secret = std::move(new_secret),
                  life](pqxx::connection& connection) {
        pqxx::nontransaction query(connection);
        const std::string shown = auth::sha256_hex(token.secret);
        const pqxx::params values{token.session_id, shown, auth::sha256_hex(new_secret),
                                  life.count()};
        const auto rows = query.exec(pqxx::prepped{kRenewSession}, values);
        Renewal renewal;
        if (!rows.empty()) {
            renewal.ban = ban_from(rows[0], 5);
            if (!renewal.ban) renewal.user = user_from(rows[0]);
            return renewal;
        }
        const auto ended =
            query.exec(pqxx::prepped{kEndReusedSession}, pqxx::params{token.session_id, shown});
        renewal.was_reused = ended.affected_rows() > 0;
        return renewal;
    };
    return pool_.run(std::move(renew), deadline);
}

awaitable<void> AccountRepository::close_session(RefreshToken token, Deadline deadline) {
    auto close = [token = std::move(token)](pqxx::connection& connection) {
        pqxx::nontransaction query(connection);
        query.exec(pqxx::prepped{kCloseSession},
                   pqxx::params{token.session_id, auth::sha256_hex(token.secret)});
    };
    return pool_.run(std::move(close), deadline);
}

awaitable<void> AccountRepository::ban(Ban ban, std::string banned_by, Deadline deadline) {
    auto store = [ban = std::move(ban),
                  banned_by = std::move(banned_by)](pqxx::connection& connection) {
        pqxx::work transaction(connection);
        pqxx::params values{ban.user_id, ban.reason, banned_by};
        values.append(ban.until ? std::optional<std::string>(text_of(ban.until)) : std::nullopt);
        transaction.exec(pqxx::prepped{kBan}, values);
        transaction.exec(pqxx::prepped{kCloseSessions}, pqxx::params{ban.user_id});
        transaction.exec(pqxx::prepped{kTellBan}, pqxx::params{ban.user_id});
        put_audit(transaction, {.actor = banned_by, .action = "user.ban", .target = ban.user_id});
        transaction.commit();
    };
    return pool_.run(std::move(store), deadline);
}

awaitable<bool> AccountRepository::lift_ban(std::string user_id, std::string lifted_by,
                                            Deadline deadline) {
    auto lift = [user_id = std::move(user_id),
                 lifted_by = std::move(lifted_by)](pqxx::connection& connection) {
        pqxx::work transaction(connection);
        const auto lifted = transaction.exec(pqxx::prepped{kLiftBan}, pqxx::params{user_id});
        if (lifted.affected_rows() == 0) return false;
        put_audit(transaction, {.actor = lifted_by, .action = "user.unban", .target = user_id});
        transaction.commit();
        return true;
    };
    return pool_.run(std::move(lift), deadline);
}

awaitable<int> AccountRepository::remove_expired_sessions(Deadline deadline) {
    auto remove = [](pqxx::connection& connection) {
        pqxx::nontransaction query(connection);
        const pqxx::params values{kSessionsPiece};
        return static_cast<int>(query.exec(kRemoveExpiredSessions, values).affected_rows());
    };
    return pool_.run(std::move(remove), deadline);
}

awaitable<std::vector<BanChange>> AccountRepository::bans_changed_after(BanPlace place,
                                                                        Deadline deadline) {
    auto find = [place = std::move(place)](pqxx::connection& connection) {
        pqxx::nontransaction query(connection);
        std::vector<BanChange> changes;
        const auto user = place.user_id.empty() ? std::nullopt : std::optional(place.user_id);
        const pqxx::params values{format_rfc3339_micro(place.changed_at), user, kBanChangesMax};
        for (const auto& row : query.exec(pqxx::prepped{kBansChangedAfter}, values)) {
            changes.push_back({.user_id = row[0].as<std::string>(),
                               .until = time_at(row, 1),
                               .is_lifted = row[2].as<bool>(),
                               .changed_at = time_at(row, 3).value_or(place.changed_at)});
        }
        return changes;
    };
    return pool_.run(std::move(find), deadline);
}

std::optional<std::string> set_role(pqxx::connection& connection, const std::string& handle,
                                    Role role) {
    pqxx::work transaction(connection);
    const std::string name(to_string(role));
    const auto changed = transaction.exec(
        "UPDATE users SET role = $2, updated_at = clock_timestamp() WHERE handle = $1 RETURNING id",
        pqxx::params{handle, name});
    if (changed.empty()) return std::nullopt;
    auto id = changed[0][0].as<std::string>();
    put_audit(transaction, {.actor = "chat-server set-role",
                            .action = "user.role",
                            .target = id,
                            .details = R"({"role":")" + name + "\"}"});
    transaction.commit();
    return id;
}

}  // namespace chatflow::chat
