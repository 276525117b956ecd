// People who chat: each has an account, a Socket.IO connection (the unmodified client) and an HTTP connection, is in a
// room with others, and says something every few seconds, in turn by HTTP and by its socket. Prints one line of JSON:
// how long each way took until every member of the room had heard it, and what was missed or came twice.
//   node users.mjs API GATEWAY --users N --rooms N --seconds S --every S
import { request, Agent } from "node:http";
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { require, sleep } from "../../../tests/integration/socket/gateway.mjs";

const { io } = require("socket.io-client");

const { values: flags, positionals: [api, gateway] } = parseArgs({ allowPositionals: true, options: {
    users: { type: "string", default: "1000" },
    rooms: { type: "string", default: "100" },
    seconds: { type: "string", default: "30" },
    every: { type: "string", default: "5" },
} });
const USERS = Number(flags.users);
const ROOMS = Number(flags.rooms);
const SECONDS = Number(flags.seconds);
const EVERY_MS = Number(flags.every) * 1000;
const WARM_UP_MS = 3000; // said, but not counted
const ARRIVES_WITHIN_MS = 10_000;
const AT_ONCE = 20; // log-ins: each costs a hash that is slow on purpose

const agent = new Agent({ keepAlive: true, maxSockets: Infinity });

function call(method, path, body, token) {
    const text = body === undefined ? "" : JSON.stringify(body);
    const headers = { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text),
        ...(token && { Authorization: `Bearer ${token}` }) };
    return new Promise((resolve, reject) => {
        const sent = request(`${api}${path}`, { method, agent, headers }, (answer) => {
            let read = "";
            answer.setEncoding("utf8");
            answer.on("data", (part) => { read += part; });
            answer.on("end", () => (answer.statusCode < 300 ? resolve(read && JSON.parse(read))
                : reject(new Error(`${method} ${path}: ${answer.statusCode} ${read}`))));
        });
        sent.on("error", reject);
        sent.end(text);
    });
}

// What was said: by which way, when, and who has heard it.
const said = new Map();

class User {
    constructor(index) { Object.assign(this, { index, failed: 0 }); }
    async signUp() {
        const account = { handle: `user-${this.index}`, password: "correct horse battery" };
        const { access_token, user } = await call("POST", "/api/v1/auth/signup", account);
        Object.assign(this, { token: access_token, id: user.id });
    }
    async enter(room) {
        this.room = room;
        if (room.owner !== this) await call("PUT", `/api/v1/rooms/${room.id}/members/${this.id}`, {}, this.token);
        this.socket = io(gateway, { auth: { token: this.token }, transports: ["websocket"], forceNew: true });
        this.socket.on("message.created", ({ body }) => this.hears(body));
        await new Promise((resolve, reject) => {
            this.socket.once("connect", resolve);
            this.socket.once("connect_error", reject);
        });
        const answer = await this.socket.emitWithAck("join", room.id);
        if (!answer.ok) throw new Error(`join: ${answer.error}`);
        room.members.push(this);
    }
    hears(body) {
        const message = said.get(body);
        if (message) message.heard.push(performance.now() - message.at);
    }
    async says(count, counts) {
        const way = (this.index + count) % 2 === 0 ? "http" : "socket";
        const body = `${this.index}-${count} says something of about the length of a line`;
        said.set(body, { way, counts, members: this.room.members.length, at: performance.now(), heard: [] });
        try {
            if (way === "http") {
                await call("POST", `/api/v1/rooms/${this.room.id}/messages`, { body, client_msg_id: `m${count}` }, this.token);
            } else {
                const message = { roomId: this.room.id, body, clientMessageId: `m${count}` };
                const answer = await this.socket.timeout(5000).emitWithAck("message", message);
                if (!answer.ok) throw new Error(answer.error);
            }
            const message = said.get(body);
            message.answered = performance.now() - message.at;
        } catch (error) {
            ++this.failed;
            this.error = error;
            said.delete(body);
        }
    }
    async chats(begin, until) {
        // Everybody at a moment of their own, and again every EVERY_MS.
        for (let at = begin + (this.index / USERS) * EVERY_MS, count = 0; at < until; at += EVERY_MS, ++count) {
            await sleep(Math.max(0, at - performance.now()));
            void this.says(count, at > begin + WARM_UP_MS);
        }
    }
}

async function inTurns(items, work) {
    const waiting = items.values();
    await Promise.all(Array.from({ length: AT_ONCE }, async () => {
        for (const item of waiting) await work(item);
    }));
}

function figures(way) {
    const messages = [...said.values()].filter((message) => message.way === way && message.counts);
    const delays = messages.flatMap(({ heard }) => heard).sort((a, b) => a - b);
    const answers = messages.map(({ answered }) => answered).sort((a, b) => a - b);
    const of = (times, share) => Math.round(10 * (times[Math.floor(times.length * share)] ?? NaN)) / 10;
    const at = (share) => of(delays, share);
    return { messages: messages.length, deliveries: delays.length,
        missed: messages.reduce((sum, { members, heard }) => sum + Math.max(0, members - heard.length), 0),
        twice: messages.reduce((sum, { members, heard }) => sum + Math.max(0, heard.length - members), 0),
        answered_p95_ms: of(answers, 0.95), p50_ms: at(0.5), p95_ms: at(0.95), p99_ms: at(0.99), max_ms: at(0.999999) };
}

const users = Array.from({ length: USERS }, (_, index) => new User(index));
await inTurns(users, (user) => user.signUp());
const rooms = [];
for (let i = 0; i < ROOMS; ++i) {
    const owner = users[i % USERS];
    rooms.push({ ...await call("POST", "/api/v1/rooms", { name: `room ${i}` }, owner.token), owner, members: [] });
}
await inTurns(users, (user) => user.enter(rooms[user.index % ROOMS]));
console.error(`${USERS} users are in ${ROOMS} rooms`);
const begin = performance.now() + 500;
const until = begin + WARM_UP_MS + SECONDS * 1000;
await Promise.all(users.map((user) => user.chats(begin, until)));
const all = () => [...said.values()].every(({ members, heard }) => heard.length >= members);
for (const end = performance.now() + ARRIVES_WITHIN_MS; !all() && performance.now() < end;) await sleep(50);
await sleep(500); // for what comes twice
const failed = users.reduce((sum, user) => sum + user.failed, 0);
for (const { error } of users.filter(({ error }) => error).slice(0, 3)) console.error(error.message);
console.log(JSON.stringify({ users: USERS, rooms: ROOMS, failed, http: figures("http"), socket: figures("socket") }));
process.exit(0);
