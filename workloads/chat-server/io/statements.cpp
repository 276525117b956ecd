#include "workloads/chat-server/io/statements.hpp"

#include "libs/postgres/errors.hpp"
#include "workloads/chat-server/io/migrations.hpp"
#include "workloads/chat-server/io/prepare_messages.hpp"
#include "workloads/chat-server/io/session_settings.hpp"

#include <string>

#include <pqxx/pqxx>

namespace chatflow::chat {
namespace {

void require_schema(pqxx::connection& connection) {
    const int found = schema_version(connection);
    const int needed = newest_migration();
    if (found >= needed) return;
    throw postgres::Unavailable("the database's schema is at " + std::to_string(found) +
                                ", this program needs " + std::to_string(needed) +
                                ": run chat-server migrate");
}

// What room_from() reads.
std::string room_columns(const std::string& table) {
    std::string columns;
    for (const char* column :
         {"id", "name", "topic", "version", "created_at", "updated_at", "kind"}) {
        columns += (columns.empty() ? "" : ", ") + table + "." + column;
    }
    return columns;
}

// Parameters that stand for a user are null where authentication is off: then everything is open.
void prepare_rooms(pqxx::connection& connection) {
    const std::string room = room_columns("r");
    connection.prepare(
        kInsertRoom,
        "WITH r AS (INSERT INTO rooms (id, name, topic, kind, created_by) "
        "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO NOTHING RETURNING *), "
        "owner AS (INSERT INTO room_members (room_id, user_id, role) "
        "SELECT id, created_by, 'owner' FROM r WHERE created_by IS NOT NULL) SELECT " +
            room + " FROM r");
    // Two who write to each other at the same moment get one room: the second finds the first's.
    connection.prepare(
        kInsertDirectRoom,
        "WITH r AS (INSERT INTO rooms (id, name, kind, created_by, direct_key) "
        "VALUES ($1, '', 'direct', $2, concat(least($2::uuid, $3::uuid), ' ', "
        "greatest($2::uuid, $3::uuid))) ON CONFLICT (direct_key) WHERE direct_key IS NOT NULL "
        "DO NOTHING RETURNING *), "
        "both_users AS (INSERT INTO room_members (room_id, user_id) "
        "SELECT r.id, u.id FROM r, unnest(ARRAY[$2::uuid, $3::uuid]) AS u (id)) SELECT " +
            room + " FROM r");
    connection.prepare(kFindDirectRoom,
                       "SELECT " + room +
                           " FROM rooms r WHERE direct_key = concat(least($1::uuid, $2::uuid), "
                           "' ', greatest($1::uuid, $2::uuid))");
    connection.prepare(
        kUpdateRoom,
        "UPDATE rooms r SET name = coalesce($2, name), topic = coalesce($3, topic), "
        "version = version + 1, updated_at = clock_timestamp() WHERE id = $1 RETURNING " +
            room);
    connection.prepare(kFindRooms,
                       "SELECT " + room + " FROM rooms r WHERE r.id = ANY ($1::uuid[])");
    // Those that the user may read: public ones and those he is in, a page of each by an index of
    // its own, so that rooms of others cost nothing. $2 is null for the first page; without a user
    // all rooms are read by their key, and the other two find nothing.
    const std::string before = " < coalesce($2::uuid, " + std::string(kGreatestUuid) + ") ";
    connection.prepare(
        kListRooms, "(SELECT " + room + " FROM rooms r WHERE $3::uuid IS NULL AND r.id" + before +
                        "ORDER BY r.id DESC LIMIT $1) UNION (SELECT " + room +
                        " FROM rooms r WHERE $3::uuid IS NOT NULL AND r.kind = 'public' AND r.id" +
                        before + "ORDER BY r.id DESC LIMIT $1) UNION (SELECT " + room +
                        " FROM room_members m JOIN rooms r ON r.id = m.room_id "
                        "WHERE m.user_id = $3 AND m.room_id" +
                        before + "ORDER BY m.room_id DESC LIMIT $1) ORDER BY id DESC LIMIT $1");
    connection.prepare(kListJoinedRooms,
                       "SELECT " + room +
                           ", m.role, r.last_seq, m.last_read_seq FROM room_members m "
                           "JOIN rooms r ON r.id = m.room_id WHERE m.user_id = $1 "
                           "AND m.room_id < coalesce($3::uuid, " +
                           kGreatestUuid +
                           ") "
                           "ORDER BY m.room_id DESC LIMIT $2");
}

void prepare_members(pqxx::connection& connection) {
    const std::string member =
        "m.user_id, u.handle, u.display_name, m.role, m.joined_at, m.last_delivered_seq, "
        "m.last_read_seq";
    connection.prepare(kFindAccess,
                       "SELECT r.kind, m.role FROM rooms r LEFT JOIN room_members m "
                       "ON m.room_id = r.id AND m.user_id = $2 WHERE r.id = $1");
    connection.prepare(kListMembers, "SELECT " + member +
                                         " FROM room_members m JOIN users u ON u.id = m.user_id "
                                         "WHERE m.room_id = $1 "
                                         "AND m.user_id > coalesce($3::uuid, " +
                                         kLeastUuid +
                                         ") "
                                         "ORDER BY m.user_id LIMIT $2");
    connection.prepare(kFindMember, "SELECT " + member +
                                        " FROM room_members m JOIN users u ON u.id = m.user_id "
                                        "WHERE m.room_id = $1 AND m.user_id = $2");
    connection.prepare(kPutMember,
                       "INSERT INTO room_members (room_id, user_id, role) VALUES ($1, $2, $3) "
                       "ON CONFLICT (room_id, user_id) DO NOTHING");
    // The last owner stays one. Changes of a room's members take turns: of two that run at once
    // neither sees what the other does, and each would find an owner in the other.
    connection.prepare(kLockMembers, "SELECT 1 FROM rooms WHERE id = $1 FOR NO KEY UPDATE");
    connection.prepare(kChangeRole,
                       "UPDATE room_members m SET role = $3 WHERE room_id = $1 AND user_id = $2 "
                       "AND (role <> 'owner' OR $3 = 'owner' OR EXISTS (SELECT 1 FROM "
                       "room_members o WHERE o.room_id = $1 AND o.user_id <> $2 "
                       "AND o.role = 'owner'))");
    connection.prepare(kRemoveMember,
                       "DELETE FROM room_members m WHERE room_id = $1 AND user_id = $2 "
                       "AND (role <> 'owner' OR EXISTS (SELECT 1 FROM room_members o "
                       "WHERE o.room_id = $1 AND o.user_id <> $2 AND o.role = 'owner'))");
    // Receipts never go back, nor beyond the newest message; what was read was delivered. The room
    // hears what has moved, unless it was told already ($5).
    connection.prepare(
        kPutReceipt,
        "WITH was AS (SELECT * FROM room_members WHERE room_id = $1 AND user_id = $2 FOR UPDATE), "
        "m AS (UPDATE room_members m SET "
        "last_delivered_seq = greatest(was.last_delivered_seq, least($3::bigint, r.last_seq), "
        "least($4::bigint, r.last_seq)), "
        "last_read_seq = greatest(was.last_read_seq, least($4::bigint, r.last_seq)) "
        "FROM was JOIN rooms r ON r.id = was.room_id "
        "WHERE m.room_id = was.room_id AND m.user_id = was.user_id RETURNING m.*, "
        "was.last_delivered_seq AS was_delivered, was.last_read_seq AS was_read), "
        "told AS (INSERT INTO outbox (room_id, once, event) SELECT m.room_id, "
        "concat(mark.name, ' ', m.user_id, ' ', mark.seq), json_build_array(mark.name, "
        "json_build_object('roomId', m.room_id, 'userId', m.user_id, 'seq', mark.seq, "
        "'timestamp', (extract(epoch FROM clock_timestamp()) * 1000)::bigint))::text "
        "FROM m, LATERAL (VALUES "
        "('message.delivered', m.last_delivered_seq, greatest(m.was_delivered, m.last_read_seq)), "
        "('message.read', m.last_read_seq, m.was_read)) mark (name, seq, was) "
        "WHERE mark.seq > mark.was AND NOT $5::boolean) SELECT " +
            member + " FROM m JOIN users u ON u.id = m.user_id");
}

// The lease is written only when half of it is over, so that looking costs no write.
void prepare_outbox(pqxx::connection& connection) {
    connection.prepare(
        kTakeLease,
        "INSERT INTO leases AS l (name, holder, until) "
        "SELECT 'outbox', $1::uuid, clock_timestamp() + interval '10 seconds' "
        "WHERE NOT EXISTS (SELECT 1 FROM leases WHERE name = 'outbox' "
        "AND until > clock_timestamp() + CASE WHEN holder = $1::uuid THEN interval '5 seconds' "
        "ELSE interval '0' END) "
        "ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until "
        "WHERE l.holder = excluded.holder OR l.until <= clock_timestamp()");
    connection.prepare(kReleaseLease,
                       "UPDATE leases SET until = clock_timestamp() "
                       "WHERE name = 'outbox' AND holder = $1");
    // One row at least while the lease is ours; the last column: it is time to renew it.
    connection.prepare(
        kReadOutbox,
        "SELECT o.id, o.room_id, o.once, o.event, "
        "(extract(epoch FROM clock_timestamp() - o.created_at) * 1000)::bigint, "
        "l.until <= clock_timestamp() + interval '5 seconds', o.trace "
        "FROM leases l LEFT JOIN LATERAL (SELECT * FROM outbox ORDER BY id LIMIT $2) o ON true "
        "WHERE l.name = 'outbox' AND l.holder = $1 AND l.until > clock_timestamp() "
        "ORDER BY o.id");
    // Nobody waits for the disk: a row that comes back after a crash is told under the same name,
    // which changes nothing.
    connection.prepare(kRemoveFromOutbox,
                       "DELETE FROM outbox WHERE id = ANY ($1::bigint[]) "
                       "AND (SELECT set_config('synchronous_commit', 'off', true)) = 'off'");
}

void prepare_accounts(pqxx::connection& connection) {
    const std::string user = "u.id, u.handle, u.display_name, u.role, u.created_at";
    const std::string ban_in_force =
        "b.user_id = u.id AND b.lifted_at IS NULL AND (b.until IS NULL OR b.until > now())";
    connection.prepare(kInsertUser,
                       "INSERT INTO users AS u (id, handle, display_name, password_hash) "
                       "VALUES ($1, $2, $3, $4) ON CONFLICT (handle) DO NOTHING RETURNING " +
                           user);
    connection.prepare(kFindCredentials, "SELECT " + user +
                                             ", u.password_hash, b.reason, b.until FROM users u "
                                             "LEFT JOIN bans b ON " +
                                             ban_in_force + " WHERE u.handle = $1");
    connection.prepare(kFindUser, "SELECT " + user + " FROM users u WHERE u.id = $1");
    connection.prepare(kRenameUser,
                       "UPDATE users u SET display_name = $2, updated_at = clock_timestamp() "
                       "WHERE u.id = $1 RETURNING " +
                           user);
    connection.prepare(kReplacePasswordHash,
                       "UPDATE users SET password_hash = $3, updated_at = clock_timestamp() "
                       "WHERE id = $1 AND password_hash = $2");
}

void prepare_sessions(pqxx::connection& connection) {
    connection.prepare(
        kOpenSession,
        "INSERT INTO sessions (id, user_id, secret_hash, expires_at) "
        "VALUES ($1, $2, $3, clock_timestamp() + make_interval(secs => $4::bigint))");
    // The right-hand sides see the row as it was.
    connection.prepare(
        kRenewSession,
        "UPDATE sessions s SET secret_hash = $3, "
        "previous_hash = CASE WHEN s.secret_hash = $2 THEN s.secret_hash ELSE s.previous_hash END, "
        "rotated_at = CASE WHEN s.secret_hash = $2 THEN clock_timestamp() ELSE s.rotated_at END, "
        "expires_at = clock_timestamp() + make_interval(secs => $4::bigint) "
        "FROM users u LEFT JOIN bans b ON b.user_id = u.id AND b.lifted_at IS NULL "
        "AND (b.until IS NULL OR b.until > now()) "
        "WHERE s.id = $1 AND u.id = s.user_id AND s.revoked_at IS NULL AND s.expires_at > now() "
        "AND (s.secret_hash = $2 OR (s.previous_hash = $2 "
        "AND s.rotated_at > now() - interval '10 seconds')) "
        "RETURNING u.id, u.handle, u.display_name, u.role, u.created_at, b.reason, b.until");
    connection.prepare(kEndReusedSession,
                       "UPDATE sessions SET revoked_at = clock_timestamp() "
                       "WHERE id = $1 AND previous_hash = $2 AND revoked_at IS NULL");
    connection.prepare(kCloseSession,
                       "UPDATE sessions SET revoked_at = clock_timestamp() WHERE id = $1 "
                       "AND $2 IN (secret_hash, previous_hash) AND revoked_at IS NULL");
    connection.prepare(kCloseSessions,
                       "UPDATE sessions SET revoked_at = clock_timestamp() "
                       "WHERE user_id = $1 AND revoked_at IS NULL");
    connection.prepare(kBan,
                       "INSERT INTO bans (user_id, reason, banned_by, until) "
                       "VALUES ($1, $2, $3, $4) ON CONFLICT (user_id) DO UPDATE SET "
                       "reason = excluded.reason, banned_by = excluded.banned_by, "
                       "until = excluded.until, lifted_at = NULL, changed_at = clock_timestamp()");
    connection.prepare(kTellBan,
                       "INSERT INTO outbox (once, event) VALUES (concat('ban ', $1::uuid), "
                       "json_build_object('type', 'ban', 'userId', $1::uuid)::text)");
    const std::string lift =
        "WITH lifted AS (UPDATE bans SET lifted_at = clock_timestamp(), "
        "changed_at = clock_timestamp() WHERE lifted_at IS NULL AND ";
    const std::string tell =
        " RETURNING user_id) INSERT INTO outbox (once, event) SELECT concat('unban ', user_id), "
        "json_build_object('type', 'unban', 'userId', user_id)::text FROM lifted";
    connection.prepare(kLiftBan, lift + "user_id = $1 AND (until IS NULL OR until > now())" + tell);
    connection.prepare(kLiftEndedBans,
                       lift +
                           "until <= clock_timestamp() AND EXISTS (SELECT 1 FROM leases "
                           "WHERE name = 'outbox' AND holder = $1 AND until > clock_timestamp())" +
                           tell);
    connection.prepare(kBansChangedAfter,
                       std::string("SELECT user_id, until, lifted_at IS NOT NULL, changed_at "
                                   "FROM bans WHERE (changed_at, user_id) > ($1, "
                                   "coalesce($2::uuid, ") +
                           kLeastUuid + ")) ORDER BY changed_at, user_id LIMIT $3");
}

}  // namespace

void prepare_connection(pqxx::connection& connection) {
    require_schema(connection);
    give_settings(connection);
    prepare_rooms(connection);
    prepare_members(connection);
    prepare_messages(connection);
    prepare_outbox(connection);
    prepare_accounts(connection);
    prepare_sessions(connection);
}

}  // namespace chatflow::chat
