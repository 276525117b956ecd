#include "workloads/chat-server/io/prepare_messages.hpp"

#include "workloads/chat-server/io/statements.hpp"

#include <string>

#include <pqxx/pqxx>

namespace chatflow::chat {
namespace {

// What message_from() reads, of one table called so or not.
std::string message_columns() {
    return "room_id, seq, id, sender, client_msg_id, body, created_at, reply_to, edited_at, "
           "deleted_at IS NOT NULL AS is_deleted, reactions";
}

// What gateways and clients are told of a message.
std::string told_fields() {
    return "'messageId', id, 'roomId', room_id, 'senderId', sender, 'seq', seq, 'body', body, "
           "'timestamp', (extract(epoch FROM created_at) * 1000)::bigint";
}

// The first message of the thread that an answer to `seq` belongs to.
std::string thread_of(const std::string& room, const std::string& seq) {
    return "CASE WHEN " + seq + " IS NOT NULL THEN (SELECT coalesce(p.reply_to, p.seq) " +
           "FROM messages p WHERE p.room_id = " + room + " AND p.seq = " + seq + ") END";
}

// What goes out with rows of `sent`: the message to the sender, the event to the outbox. `trace`:
// the traceparent of a row.
std::string told_and_returned(const std::string& trace) {
    return "told AS (INSERT INTO outbox (room_id, once, event, trace) "
           "SELECT room_id, id, json_build_array('message.created', CASE WHEN reply_to IS NULL "
           "THEN json_build_object(" +
           told_fields() + ") ELSE json_build_object(" + told_fields() +
           ", 'replyTo', reply_to) END)::text, " + trace +
           " FROM sent ORDER BY room_id, seq) SELECT " + message_columns() + " FROM sent";
}

// Sequence, row and event in one statement, so in one transaction and one round trip: whatever
// makes it fail gives the sequence back. The room's row stays locked until the commit, so that a
// later sequence never becomes visible first.
void prepare_sends(pqxx::connection& connection) {
    const std::string member =
        " IS NULL OR EXISTS (SELECT 1 FROM room_members WHERE room_id = $1 AND user_id = ";
    connection.prepare(kInsertMessage,
                       "WITH next AS (UPDATE rooms SET last_seq = last_seq + 1 WHERE id = $1 "
                       "AND ($6::bigint IS NULL OR $6 <= last_seq) AND ($5::uuid" +
                           member +
                           "$5)) RETURNING last_seq), "
                           "sent AS (INSERT INTO messages (room_id, seq, id, sender, body, "
                           "reply_to) SELECT $1, last_seq, $2, $3, $4, " +
                           thread_of("$1", "$6::bigint") + " FROM next RETURNING *), " +
                           told_and_returned("$7::text"));
    // Nothing is inserted when the message is there already; when two come at once, the second
    // fails on the unique index and is looked up.
    connection.prepare(
        kInsertMessageOnce,
        "WITH next AS (UPDATE rooms SET last_seq = last_seq + 1 WHERE id = $1 "
        "AND NOT EXISTS (SELECT 1 FROM messages WHERE room_id = $1 AND sender = $3 "
        "AND client_msg_id = $5) AND ($7::bigint IS NULL OR $7 <= last_seq) AND ($6::uuid" +
            member +
            "$6)) RETURNING last_seq), "
            "sent AS (INSERT INTO messages (room_id, seq, id, sender, body, client_msg_id, "
            "reply_to) SELECT $1, last_seq, $2, $3, $4, $5, " +
            thread_of("$1", "$7::bigint") + " FROM next RETURNING *), " +
            told_and_returned("$8::text"));
    connection.prepare(kFindMessage, "SELECT " + message_columns() +
                                         " FROM messages WHERE room_id = $1 AND sender = $2 "
                                         "AND client_msg_id = $3");
    // The same for many. Rooms are locked in the order of their ids, so that two batches never wait
    // for each other in a circle.
    connection.prepare(
        kInsertMessages,
        "WITH given AS (SELECT room_id, id, sender, body, client_msg_id, user_id, trace, "
        "nullif(answered, 0) AS reply_to, n FROM unnest($1::uuid[], $2::uuid[], $3::text[], "
        "$4::text[], "
        "$5::text[], $6::uuid[], $7::bigint[], $8::text[]) WITH ORDINALITY AS g "
        "(room_id, id, sender, body, client_msg_id, user_id, answered, trace, n)), "
        "fresh AS (SELECT g.*, row_number() OVER (PARTITION BY g.room_id ORDER BY g.n) AS nth "
        "FROM given g WHERE (g.client_msg_id IS NULL OR NOT EXISTS (SELECT 1 FROM messages m "
        "WHERE m.room_id = g.room_id AND m.sender = g.sender "
        "AND m.client_msg_id = g.client_msg_id)) AND (g.reply_to IS NULL OR EXISTS (SELECT 1 "
        "FROM messages p WHERE p.room_id = g.room_id AND p.seq = g.reply_to)) AND (g.user_id IS "
        "NULL OR EXISTS (SELECT 1 "
        "FROM room_members m WHERE m.room_id = g.room_id AND m.user_id = g.user_id))), "
        "counted AS (SELECT room_id, count(*) AS many FROM fresh GROUP BY room_id), "
        "locked AS (SELECT r.id FROM rooms r WHERE r.id = ANY (SELECT room_id FROM counted) "
        "ORDER BY r.id FOR UPDATE), "
        "next AS (UPDATE rooms r SET last_seq = r.last_seq + c.many FROM locked l "
        "JOIN counted c ON c.room_id = l.id WHERE r.id = l.id "
        "RETURNING r.id AS room_id, r.last_seq - c.many AS base), "
        "sent AS (INSERT INTO messages (room_id, seq, id, sender, body, client_msg_id, reply_to) "
        "SELECT f.room_id, next.base + f.nth, f.id, f.sender, f.body, f.client_msg_id, " +
            thread_of("f.room_id", "f.reply_to") +
            " FROM fresh f JOIN next ON next.room_id = f.room_id RETURNING *), " +
            // Looked up only where one of the batch has any.
            told_and_returned("CASE WHEN EXISTS (SELECT 1 FROM given WHERE trace IS NOT NULL) "
                              "THEN (SELECT g.trace FROM given g WHERE g.id = sent.id) END"));
}

void prepare_histories(pqxx::connection& connection) {
    // One row at least when the room is there, so that an empty page differs from no room.
    const std::string pages =
        "SELECT g.n, r.last_seq, m.* FROM unnest($1::uuid[], $2::bigint[], $3::int[], "
        "$4::uuid[]) WITH ORDINALITY AS g (room_id, place, wanted, reader, n) "
        "JOIN rooms r ON r.id = g.room_id AND (g.reader IS NULL OR r.kind = 'public' "
        "OR EXISTS (SELECT 1 FROM room_members o WHERE o.room_id = r.id "
        "AND o.user_id = g.reader)) "
        "LEFT JOIN LATERAL (SELECT " +
        message_columns() + " FROM messages WHERE room_id = g.room_id AND ";
    connection.prepare(kMessagesBefore,
                       pages + "seq < g.place ORDER BY seq DESC LIMIT g.wanted) m ON true");
    connection.prepare(kMessagesAfter,
                       pages + "seq > g.place ORDER BY seq LIMIT g.wanted) m ON true");
}

// Changes of a message that is there. What it was is not kept.
void prepare_changes(pqxx::connection& connection) {
    const std::string now = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint";
    // The room, who asks in it, and the message.
    connection.prepare(kFindForChange,
                       "SELECT r.kind, o.role, m.* FROM rooms r LEFT JOIN room_members o "
                       "ON o.room_id = r.id AND o.user_id = $3 LEFT JOIN LATERAL (SELECT " +
                           message_columns() +
                           " FROM messages WHERE room_id = r.id AND seq = $2) m ON true "
                           "WHERE r.id = $1");
    // For what has to see all that was put to the message before: a statement that waits for the
    // row itself looks at everything else as it was before it waited.
    connection.prepare(kLockMessage,
                       "SELECT 1 FROM messages WHERE room_id = $1 AND seq = $2 "
                       "AND deleted_at IS NULL FOR UPDATE");
    connection.prepare(kEditMessage,
                       "WITH m AS (UPDATE messages SET body = $3, edited_at = clock_timestamp() "
                       "WHERE room_id = $1 AND seq = $2 AND deleted_at IS NULL RETURNING *), "
                       "told AS (INSERT INTO outbox (room_id, once, event, trace) SELECT room_id, "
                       "concat(id, ':edited:', extract(epoch FROM edited_at)), "
                       "json_build_array('message.updated', json_build_object(" +
                           told_fields() + "))::text, $4::text FROM m) SELECT " +
                           message_columns() + " FROM m");
    connection.prepare(
        kDeleteMessage,
        "WITH m AS (UPDATE messages SET body = '', reactions = NULL, "
        "deleted_at = clock_timestamp() "
        "WHERE room_id = $1 AND seq = $2 AND deleted_at IS NULL RETURNING *), "
        "gone AS (DELETE FROM reactions WHERE room_id = $1 AND seq = $2), "
        "detached AS (UPDATE uploads SET state = 'removed' WHERE room_id = $1 AND seq = $2), "
        "told AS (INSERT INTO outbox (room_id, once, event, trace) SELECT room_id, "
        "concat(id, ':deleted'), json_build_array('message.deleted', json_build_object("
        "'messageId', id, 'roomId', room_id, 'seq', seq, 'timestamp', " +
            now + "))::text, $3::text FROM m) SELECT 1 FROM m");
    // The message's row is locked first, so that counts and rows agree. $5: kinds at most.
    const std::string counted =
        "remaining AS (SELECT l.reactions, coalesce((l.reactions ->> $4::text)::int, 0) + c.by AS "
        "many "
        "FROM locked l, changed c), "
        "counted AS (UPDATE messages m SET reactions = CASE WHEN l.many = 0 "
        "THEN nullif(l.reactions - $4::text, '{}') ELSE jsonb_set(coalesce(l.reactions, '{}'), "
        "ARRAY[$4::text], to_jsonb(l.many)) END FROM remaining l "
        "WHERE m.room_id = $1 AND m.seq = $2 RETURNING m.*), "
        "told AS (INSERT INTO outbox (room_id, once, event, trace) SELECT room_id, "
        "concat(id, ':reaction:', gen_random_uuid()), json_build_array('message.reaction', "
        "json_build_object('messageId', id, 'roomId', room_id, 'seq', seq, 'userId', $3::uuid, "
        "'emoji', $4::text, 'count', coalesce((reactions ->> $4::text)::int, 0), 'timestamp', " +
        now + "))::text, ";
    const std::string end = "::text FROM counted) SELECT 1 FROM counted";
    const std::string locked =
        "WITH locked AS (SELECT reactions FROM messages WHERE room_id = $1 AND seq = $2 "
        "AND deleted_at IS NULL FOR UPDATE), ";
    connection.prepare(
        kAddReaction,
        locked +
            "changed AS (INSERT INTO reactions (room_id, seq, user_id, emoji) "
            "SELECT $1, $2, $3, $4 FROM locked WHERE reactions ? $4::text OR reactions IS NULL OR "
            "(SELECT count(*) FROM jsonb_object_keys(reactions)) < $5::int "
            "ON CONFLICT DO NOTHING RETURNING 1 AS by), " +
            counted + "$6" + end);
    connection.prepare(kRemoveReaction,
                       locked +
                           "changed AS (DELETE FROM reactions r USING locked WHERE room_id = $1 "
                           "AND seq = $2 AND user_id = $3 AND emoji = $4 RETURNING -1 AS by), " +
                           counted + "$5" + end);
    connection.prepare(kFindReaction,
                       "SELECT 1 FROM reactions WHERE room_id = $1 AND seq = $2 AND user_id = $3 "
                       "AND emoji = $4");
}

void prepare_lookups(pqxx::connection& connection) {
    connection.prepare(kListReplies, "SELECT " + message_columns() +
                                         " FROM messages WHERE room_id = $1 AND reply_to = $2 "
                                         "AND seq > $3 ORDER BY seq LIMIT $4");
    // In rooms that the user is in; in one of them, or in a public one, when $2 names it.
    connection.prepare(
        kSearchMessages,
        "SELECT " + message_columns() +
            " FROM messages m WHERE to_tsvector('simple', body) @@ "
            "websearch_to_tsquery('simple', $1) AND ($2::uuid IS NULL OR room_id = $2) "
            "AND (EXISTS (SELECT 1 FROM room_members o WHERE o.room_id = m.room_id "
            "AND o.user_id = $3) OR EXISTS (SELECT 1 FROM rooms r WHERE r.id = $2 "
            "AND r.kind = 'public')) AND ($4::uuid IS NULL OR id < $4) ORDER BY id DESC LIMIT $5");
}

}  // namespace

void prepare_messages(pqxx::connection& connection) {
    prepare_sends(connection);
    prepare_histories(connection);
    prepare_changes(connection);
    prepare_lookups(connection);
}

}  // namespace chatflow::chat
