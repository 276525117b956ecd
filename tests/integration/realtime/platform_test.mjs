// The platform as its clients see it: unmodified clients of npm and PyPI, two gateways, a real Redis.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createServer } from "node:http";
import { require, sleep, until } from "../socket/gateway.mjs";
import { makeKey, startPlatform, token } from "./platform.mjs";

const { io } = require("socket.io-client");
const { WebSocket } = require("ws");
const { Redis } = require("ioredis");
const { Emitter } = require("@socket.io/redis-emitter");

let platform;
let redis;
before(async () => {
    platform = await startPlatform(process.env.CHATFLOW_SOCKET);
    redis = new Redis(platform.redis.port, { retryStrategy: () => 100 });
    redis.on("error", () => {});
});
after(async () => {
    redis.disconnect();
    await platform.stop();
});

function client(gateway, user, options = {}) {
    const socket = io(platform.gateways[gateway].url, {
        auth: { token: token(user) }, forceNew: true, transports: ["websocket"], ...options,
    });
    socket.heard = [];
    socket.onAny((event, value) => socket.heard.push([event, value]));
    return socket;
}

async function connected(socket) {
    await new Promise((resolve, reject) => {
        socket.on("connect", resolve);
        socket.on("connect_error", reject);
    });
    return socket;
}

const heard = (socket, event) =>
    socket.heard.filter(([name]) => name === event).map(([, value]) => value);

for (const transports of [["polling"], ["websocket"], ["polling", "websocket"]]) {
    test(`join, send with ack, receive on the other pod, by ${transports.join(", then ")}`, async () => {
        const room = `talk-${transports.length}-${transports[0]}`;
        const ann = await connected(client(0, "ann", { transports }));
        const bob = await connected(client(1, "bob", { transports }));
        for (const one of [ann, bob]) assert.equal((await one.emitWithAck("join", room)).ok, true);
        const answer = await ann.emitWithAck("message", { roomId: room, body: "hello" });
        assert.equal(answer.ok, true);
        assert.equal(answer.seq, 1);
        await until(() => heard(bob, "message.created").length === 1, "the message");
        const [message] = heard(bob, "message.created");
        assert.equal(message.messageId, answer.messageId);
        assert.equal(message.roomId, room);
        assert.equal(message.senderId, "ann");
        assert.equal(typeof message.timestamp, "number");
        const stranger = await connected(client(1, "eve", { transports }));
        const refused = await stranger.emitWithAck("message", { roomId: room, body: "x" });
        assert.deepEqual([refused.ok, refused.retry], [false, false]);
        for (const one of [ann, bob, stranger]) one.disconnect();
    });
}

test("refusals in the words that clients know", async () => {
    const refusal = async (auth) => {
        const socket = client(0, "nobody", { auth, reconnection: false });
        const error = await connected(socket).then(() => null, ({ message }) => message);
        socket.disconnect();
        return error;
    };
    assert.equal(await refusal({}), "Authentication required");
    assert.equal(await refusal({ token: "a.b.c" }), "Invalid token");
    assert.equal(await refusal({ token: token("late", -3600) }), "Invalid token");
    const forged = token("ann").split(".");
    forged[1] = Buffer.from(JSON.stringify({ userId: "root", exp: 4e9 })).toString("base64url");
    assert.equal(await refusal({ token: forged.join(".") }), "Invalid token");
    const places = [];
    for (let i = 0; i < 5; ++i) places.push(await connected(client(i % 2, "many")));
    assert.equal(await refusal({ token: token("many") }), "Too many connections");
    for (const one of places) one.disconnect();
});

test("a ban closes all connections of the user and lets none back in", async () => {
    const sockets = [await connected(client(0, "bad")), await connected(client(1, "bad"))];
    const reasons = sockets.map((socket) => new Promise((resolve) => socket.on("disconnect", resolve)));
    await redis.sadd("banned:users", "bad");
    await redis.publish("rt:control", JSON.stringify({ type: "ban", userId: "bad" }));
    assert.deepEqual(await Promise.all(reasons), ["io server disconnect", "io server disconnect"]);
    for (const socket of sockets) assert.equal(socket.active, false);
    await assert.rejects(connected(client(0, "bad", { reconnection: false })), {
        message: "Invalid or banned user" });
});

test("keys of a server that rotates them", async () => {
    const [old, fresh] = [makeKey("old"), makeKey("fresh")];
    let keys = { keys: [old.jwk] };
    let reads = 0;
    const server = createServer((request, response) => {
        ++reads;
        response.statusCode = keys ? 200 : 500;
        response.end(JSON.stringify(keys));
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    const gateway = await platform.start("pod-c", {
        CHATFLOW_AUTH_JWKS_URL: `http://127.0.0.1:${server.address().port}/.well-known/jwks.json`,
    });
    const outcome = async (signed) => {
        const socket = io(gateway.url, { auth: { token: signed }, forceNew: true,
            transports: ["websocket"], reconnection: false });
        const result = await new Promise((resolve) => {
            socket.on("connect", () => resolve("connected"));
            socket.on("connect_error", ({ message }) => resolve(message));
            socket.on("disconnect", resolve);
            socket.io.on("close", resolve);
        });
        socket.disconnect();
        return result;
    };
    assert.equal(await outcome(token("kim", 60, old)), "connected");
    assert.equal(reads, 1);
    keys = { keys: [fresh.jwk, old.jwk] };
    assert.equal(await outcome(token("kim", 60, fresh)), "connected");
    assert.equal(reads, 2);
    // Its server is away: what is known goes on, and of another key nothing can be said.
    keys = null;
    assert.equal(await outcome(token("kim", 60, old)), "connected");
    assert.equal(await outcome(token("kim", 60, makeKey("other"))), "transport close");
    assert.ok(reads >= 3);
    assert.equal(await gateway.metric("chatflow_socket_keys"), 2);
    assert.ok(await gateway.metric('chatflow_socket_key_reads_total{result="failed"}') >= 1);
    await gateway.stop();
    server.close();
});

test("python-socketio joins, sends with ack and receives, by both transports", async () => {
    const python = process.env.CHATFLOW_CLIENTS + "/venv/bin/python3";
    const script = new URL("python_client.py", import.meta.url).pathname;
    const urls = platform.gateways.map(({ url }) => url);
    const output = execFileSync(python, [script, ...urls, token("py-1"), token("py-2")],
        { timeout: 60000 }).toString();
    assert.equal(output, "polling ok\nwebsocket ok\n");
});

test("plain WebSocket: the same rooms, and a session to come back to", async () => {
    const open = async (gateway, connect) => {
        const socket = new WebSocket(platform.gateways[gateway].ws + "/ws");
        socket.heard = [];
        socket.closed = new Promise((resolve) => socket.on("close", resolve));
        socket.on("message", (data) => socket.heard.push(JSON.parse(data)));
        await new Promise((resolve) => socket.on("open", resolve));
        socket.send(JSON.stringify({ connect }));
        await until(() => socket.heard.length > 0, "an answer to connect");
        return socket;
    };
    const auth = { token: token("web") };
    const socket = await open(0, auth);
    const { pid } = socket.heard[0].connected;
    socket.send('{"event":["join","plain"],"id":1}');
    const ann = await connected(client(1, "ann"));
    await until(() => socket.heard.some(({ ack }) => ack === 1), "joined");
    await ann.emitWithAck("join", "plain");
    await ann.emitWithAck("message", { roomId: "plain", body: "one" });
    await until(() => socket.heard.some(({ event }) => event?.[1].body === "one"), "one");
    const offset = socket.heard.findLast(({ event }) => event).event.at(-1);
    socket.terminate();
    await ann.emitWithAck("message", { roomId: "plain", body: "two" });
    const back = await open(1, { ...auth, pid, offset });
    await until(() => back.heard.some(({ event }) => event?.[1].body === "two"), "two");
    assert.equal(back.heard[0].connected.pid, pid);
    assert.equal(back.heard.filter(({ event }) => event).length, 1);
    const refused = await open(0, { token: "x" });
    assert.deepEqual(refused.heard, [{ error: { message: "Invalid token" } }]);
    assert.equal(await refused.closed, 4001);
    for (const one of [ann, back]) one.close();
});

test("a back end publishes with the emitter of npm", async () => {
    const ann = await connected(client(0, "ann"));
    await ann.emitWithAck("join", "news");
    const emitter = new Emitter(redis);
    await until(() => {
        emitter.to("news").emit("headline", { n: 1 });
        return heard(ann, "headline").length > 0;
    }, "a headline");
    assert.deepEqual(heard(ann, "headline")[0], { n: 1 });
    ann.disconnect();
});

test("without Redis connections stay, and go on when it is back", async () => {
    const ann = await connected(client(0, "ann"));
    const bob = await connected(client(1, "bob"));
    for (const one of [ann, bob]) await one.emitWithAck("join", "lasting");
    let breaks = 0;
    for (const one of [ann, bob]) one.on("disconnect", () => ++breaks);
    await platform.redis.stop();
    const refused = await ann.emitWithAck("message", { roomId: "lasting", body: "lost" });
    assert.deepEqual([refused.ok, refused.retry], [false, true]);
    const isReady = () => fetch(platform.gateways[0].admin + "/health/ready").then(({ ok }) => ok);
    await until(async () => !(await isReady()), "not ready");
    await platform.redis.start();
    await until(isReady, "ready again");
    await until(async () =>
        (await ann.emitWithAck("message", { roomId: "lasting", body: "kept" })).ok, "an answer");
    await until(() => heard(bob, "message.created").some(({ body }) => body === "kept"), "kept");
    await sleep(100);
    assert.equal(breaks, 0);
    for (const one of [ann, bob]) one.disconnect();
});
