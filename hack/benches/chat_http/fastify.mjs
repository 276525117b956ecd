// The peer in Node: fastify, ioredis and pg with the endpoints that the benchmark asks for.
//   node fastify.mjs PORT REDIS_PORT POSTGRES_PORT
import { createRequire } from "node:module";
import { randomBytes } from "node:crypto";

const require = createRequire(process.env.CHATFLOW_CLIENTS + "/package.json");
const [port, redisPort, postgresPort] = process.argv.slice(2).map(Number);
const app = require("fastify")();
const Redis = require("ioredis");
const redis = new (Redis.Redis ?? Redis)({ port: redisPort, enableAutoPipelining: true });
const pool = new (require("pg").Pool)({
    host: "127.0.0.1", port: postgresPort, database: "chatflow", user: "chatflow", max: 20,
});

// The statements are those of chat-server without what only it has: receipts of members, threads.
const findRoom = { name: "room", text: `SELECT version, kind, id, name, topic, created_at, updated_at FROM rooms
    WHERE id = $1` };
const readMessages = { name: "messages", text: `SELECT m.id, m.room_id, m.seq, m.sender, m.body, m.client_msg_id,
    m.created_at, r.last_seq FROM rooms r JOIN messages m ON m.room_id = r.id WHERE r.id = $1
    ORDER BY m.seq DESC LIMIT $2` };
const sendMessage = { name: "send", text: `WITH next AS (UPDATE rooms SET last_seq = last_seq + 1 WHERE id = $1
    AND NOT EXISTS (SELECT 1 FROM messages WHERE room_id = $1 AND sender = $3 AND client_msg_id = $5)
    RETURNING last_seq),
    sent AS (INSERT INTO messages (room_id, seq, id, sender, body, client_msg_id)
    SELECT $1, last_seq, $2, $3, $4, $5 FROM next RETURNING *),
    told AS (INSERT INTO outbox (room_id, once, event) SELECT room_id, id, json_build_array('message.created',
    json_build_object('messageId', id, 'roomId', room_id, 'senderId', sender, 'seq', seq, 'body', body, 'timestamp',
    (extract(epoch FROM created_at) * 1000)::bigint))::text FROM sent)
    SELECT seq, created_at FROM sent` };

app.get("/api/v1/rooms/:room", async (request, reply) => {
    const key = "room:" + request.params.room;
    reply.type("application/json");
    const held = await redis.get(key);
    if (held) return reply.send(held);
    const found = await pool.query({ ...findRoom, values: [request.params.room] });
    if (found.rows.length === 0) return reply.code(404).send("{}");
    const body = JSON.stringify(found.rows[0]);
    await redis.set(key, body, "EX", 300);
    return reply.send(body);
});

app.get("/api/v1/rooms/:room/messages", async (request) => {
    const { rows } = await pool.query({ ...readMessages, values: [request.params.room, Number(request.query.limit)] });
    const messages = rows.reverse().map(({ last_seq, ...message }) => ({ ...message, seq: Number(message.seq) }));
    return { messages, last_seq: Number(rows[0]?.last_seq ?? 0) };
});

// A UUID of version 7.
function newId() {
    const bytes = randomBytes(16);
    bytes.writeUIntBE(Date.now(), 0, 6);
    bytes[6] = (bytes[6] & 0x0f) | 0x70;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    return bytes.toString("hex").replace(/(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

app.post("/api/v1/rooms/:room/messages", async (request, reply) => {
    const { sender, body, client_msg_id } = request.body;
    const id = newId();
    const room = request.params.room;
    const { rows } = await pool.query({ ...sendMessage, values: [room, id, sender, body, client_msg_id] });
    if (rows.length === 0) return reply.code(404).send({});
    reply.code(201);
    return { id, room_id: room, seq: Number(rows[0].seq), sender, body, client_msg_id, created_at: rows[0].created_at };
});

app.listen({ port, host: "127.0.0.1" });
