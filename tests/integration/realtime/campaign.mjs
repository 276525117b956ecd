// Clients of the unmodified socket.io-client against two gateways and a real Redis: connections are
// cut all the time, one gateway is stopped or killed; nobody may miss, repeat or reorder a message,
// and afterwards exactly those are online that are connected. Prints one line of figures.
//   node campaign.mjs PROGRAM [--clients 200] [--rooms 20] [--seconds 20] [--cut-every 5]
//        [--offline 2] [--signal SIGKILL|SIGTERM|none]
import { parseArgs } from "node:util";
import { require, sleep, until } from "../socket/gateway.mjs";
import { startPlatform, token } from "./platform.mjs";

const { io } = require("socket.io-client");

const { values: flags, positionals: [program] } = parseArgs({ allowPositionals: true, options: {
    clients: { type: "string", default: "200" },
    rooms: { type: "string", default: "20" },
    seconds: { type: "string", default: "20" },
    "cut-every": { type: "string", default: "5" },
    offline: { type: "string", default: "2" },
    signal: { type: "string", default: "SIGKILL" },
} });
const CLIENTS = Number(flags.clients);
const ROOMS = Number(flags.rooms);
const SECONDS = Number(flags.seconds);
const CUT_EVERY = Number(flags["cut-every"]) * 1000;
const OFFLINE = Number(flags.offline) * 1000;
const PER_SECOND = 10; // messages, over all rooms
const SETTLED_WITHIN = 60_000; // ms after the last message

class Client {
    constructor(index, gateways) {
        this.user = `user-${index}`;
        this.room = `room-${index % ROOMS}`;
        this.seen = [];
        this.recovered = 0;
        this.anew = 0;
        this.sentAway = 0;
        this.gateways = gateways;
        this.socket = io(this.somewhere(), {
            auth: (give) => give({ token: token(this.user) }),
            transports: ["websocket"], forceNew: true,
            reconnectionDelay: OFFLINE, reconnectionDelayMax: OFFLINE, randomizationFactor: 0.2,
        });
        this.socket.io.on("reconnect_attempt", () => { this.socket.io.uri = this.somewhere(); });
        this.socket.on("disconnect", (reason) => {
            this.lostAt = Date.now();
            if (reason === "io server disconnect") ++this.sentAway;
        });
        this.socket.on("n", ({ n }) => this.seen.push(n));
        this.hasJoined = new Promise((resolve) => this.socket.on("connect", async () => {
            this.backAt = Date.now();
            if (this.socket.recovered) return void ++this.recovered;
            if (this.seen.length > 0) ++this.anew;
            const request = { roomId: this.room, afterSeq: this.seen.length };
            if ((await this.socket.emitWithAck("join", request)).ok) resolve();
        }));
    }
    somewhere() {
        const up = this.gateways.filter(({ isLeaving }) => !isLeaving);
        return up[Math.floor(Math.random() * up.length)].url;
    }
    cut() { this.socket.io.engine?.transport?.ws?.terminate?.(); }
    // Connected, then away, then at the other gateway: how long it was away.
    away(since) { return this.lostAt >= since ? this.backAt - this.lostAt : 0; }
}

async function publish(speaker, n) {
    const request = { roomId: `room-${n % ROOMS}`, event: "n", data: { n }, clientMessageId: `${n}` };
    for (;;) {
        try {
            if ((await speaker.timeout(3000).emitWithAck("publish", request)).ok) return;
        } catch { /* asked again, under the same id */ }
        await sleep(200);
    }
}

async function online(speaker, clients) {
    const found = [];
    for (let i = 0; i < clients.length; i += 100) {
        const userIds = clients.slice(i, i + 100).map(({ user }) => user);
        const answer = await speaker.emitWithAck("presence", { userIds });
        found.push(...userIds.filter((id) => answer.online?.[id]));
    }
    return found.length;
}

// Those that are connected are online, and those that have left are not.
async function isPresenceRight(speaker, clients) {
    const half = clients.length / 2;
    try {
        await until(async () => (await online(speaker, clients)) === clients.length, "online");
        for (const { socket } of clients.slice(half)) socket.disconnect();
        await until(async () => (await online(speaker, clients.slice(half))) === 0, "offline");
        return (await online(speaker, clients.slice(0, half))) === half;
    } catch {
        return false;
    }
}

function expected(client, messages) {
    const room = Number(client.room.slice(5));
    return Array.from({ length: Math.ceil((messages - room) / ROOMS) }, (_, i) => room + i * ROOMS);
}

function percentile(values, share) {
    return values.sort((a, b) => a - b)[Math.floor(values.length * share)] ?? 0;
}

async function campaign({ gateways }) {
    const clients = [];
    for (let i = 0; i < CLIENTS; ++i) {
        clients.push(new Client(i, gateways));
        if (i % 50 === 49) await clients.at(-1).hasJoined; // Node needs time to open them
    }
    await Promise.all(clients.map(({ hasJoined }) => hasJoined));
    const speaker = io(gateways[0].url, {
        auth: { token: token("speaker") }, transports: ["websocket"], forceNew: true });
    await new Promise((resolve) => speaker.once("connect", resolve));
    for (let room = 0; room < ROOMS; ++room) await speaker.emitWithAck("join", `room-${room}`);

    // Each connection is cut once in that time, at a moment of its own.
    const cuts = clients.map((client) =>
        setInterval(() => client.cut(), CUT_EVERY * (0.8 + 0.4 * Math.random())));
    const messages = SECONDS * PER_SECOND;
    let signalled = Infinity;
    for (let n = 0; n < messages; ++n) {
        await publish(speaker, n);
        if (flags.signal !== "none" && n === Math.floor(messages / 2)) {
            signalled = Date.now();
            gateways[1].isLeaving = true;
            gateways[1].child.kill(flags.signal);
        }
        await sleep(1000 / PER_SECOND);
    }
    cuts.forEach(clearInterval);
    const sum = (of) => clients.reduce((all, client) => all + of(client), 0);
    const total = sum((client) => expected(client, messages).length);
    const received = () => sum(({ seen }) => seen.length);
    await until(() => received() >= total, "all messages", SETTLED_WITHIN).catch(() => {});
    await until(() => clients.every(({ socket }) => socket.connected), "all back").catch(() => {});
    await sleep(500); // for messages that come twice
    const away = clients.map((client) => client.away(signalled)).filter((time) => time > 0);
    const wrong = clients.filter((client) => `${client.seen}` !== `${expected(client, messages)}`);
    const figures = {
        clients: CLIENTS, messages, deliveries: total, received: received(),
        clients_with_other_messages: wrong.length,
        not_back: clients.filter(({ socket }) => !socket.connected).length,
        recovered: sum(({ recovered }) => recovered), joined_anew: sum(({ anew }) => anew),
        sent_away: sum(({ sentAway }) => sentAway),
        away_p50_ms: percentile(away, 0.5), away_p95_ms: percentile(away, 0.95),
        presence_right: await isPresenceRight(speaker, clients),
    };
    console.log(JSON.stringify(figures));
    for (const client of wrong.slice(0, 3)) {
        console.log(`${client.room}: ${client.seen} instead of ${expected(client, messages)}`);
    }
    return wrong.length + figures.not_back + figures.sent_away === 0 && figures.presence_right;
}

let code = 1;
const platform = await startPlatform(program);
try {
    code = (await campaign(platform)) ? 0 : 1;
} catch (error) {
    console.log(error.stack, platform.gateways.map((gateway) => gateway.log()).join(""));
} finally {
    await platform.stop();
}
process.exit(code);
