#include "workloads/chat-server/io/statements.hpp"

#include "libs/postgres/errors.hpp"
#include "workloads/chat-server/io/migrations.hpp"

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

}  // namespace

void prepare_connection(pqxx::connection& connection) {
    require_schema(connection);
    {
        pqxx::nontransaction setup(connection);
        setup.exec("SET TimeZone = 'UTC'");  // times are read as text
    }
    connection.prepare(kInsertRoom,
                       "INSERT INTO rooms (id, name, topic) VALUES ($1, $2, $3) "
                       "RETURNING id, name, topic, version, created_at, updated_at");
    connection.prepare(kUpdateRoom,
                       "UPDATE rooms SET name = coalesce($2, name), topic = coalesce($3, topic), "
                       "version = version + 1, updated_at = clock_timestamp() WHERE id = $1 "
                       "RETURNING id, name, topic, version, created_at, updated_at");
    connection.prepare(kFindRoom,
                       "SELECT id, name, topic, version, created_at, updated_at FROM rooms "
                       "WHERE id = $1");
    connection.prepare(kListRooms,
                       "SELECT id, name, topic, version, created_at, updated_at FROM rooms "
                       "ORDER BY id DESC LIMIT $1");
    connection.prepare(kListRoomsAfter,
                       "SELECT id, name, topic, version, created_at, updated_at FROM rooms "
                       "WHERE id < $2 ORDER BY id DESC LIMIT $1");
    // Sequence and row in one statement, so in one transaction and one round trip: whatever makes
    // it fail gives the sequence back. The room's row stays locked until the commit, so that a
    // later sequence never becomes visible first.
    connection.prepare(kInsertMessage,
                       "WITH next AS (UPDATE rooms SET last_seq = last_seq + 1 WHERE id = $1 "
                       "RETURNING last_seq) "
                       "INSERT INTO messages (room_id, seq, id, sender, body) "
                       "SELECT $1, last_seq, $2, $3, $4 FROM next "
                       "RETURNING room_id, seq, id, sender, client_msg_id, body, created_at");
    // Nothing is inserted when the message is there already; when two come at once, the second
    // fails on the unique index and is looked up.
    connection.prepare(kInsertMessageOnce,
                       "WITH next AS (UPDATE rooms SET last_seq = last_seq + 1 WHERE id = $1 "
                       "AND NOT EXISTS (SELECT 1 FROM messages WHERE room_id = $1 AND sender = $3 "
                       "AND client_msg_id = $5) RETURNING last_seq) "
                       "INSERT INTO messages (room_id, seq, id, sender, body, client_msg_id) "
                       "SELECT $1, last_seq, $2, $3, $4, $5 FROM next "
                       "RETURNING room_id, seq, id, sender, client_msg_id, body, created_at");
    connection.prepare(kFindMessage,
                       "SELECT room_id, seq, id, sender, client_msg_id, body, created_at "
                       "FROM messages WHERE room_id = $1 AND sender = $2 AND client_msg_id = $3");
    // One row at least when the room is there, so that an empty page differs from no room.
    connection.prepare(
        kMessagesBefore,
        "SELECT r.last_seq, m.* FROM rooms r LEFT JOIN LATERAL (SELECT room_id, seq, "
        "id, sender, client_msg_id, body, created_at FROM messages "
        "WHERE room_id = r.id AND seq < $2 ORDER BY seq DESC LIMIT $3) m ON true "
        "WHERE r.id = $1");
    connection.prepare(
        kMessagesAfter,
        "SELECT r.last_seq, m.* FROM rooms r LEFT JOIN LATERAL (SELECT room_id, seq, "
        "id, sender, client_msg_id, body, created_at FROM messages "
        "WHERE room_id = r.id AND seq > $2 ORDER BY seq LIMIT $3) m ON true "
        "WHERE r.id = $1");
}

}  // namespace chatflow::chat
