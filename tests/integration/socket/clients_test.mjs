// The unmodified client of npm, slow readers, limits, drain and polls at the wrong pod.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { connect as connectTcp } from "node:net";
import { require, sleep, startGateway, until } from "./gateway.mjs";

const { io } = require("socket.io-client");
const { WebSocket } = require("ws");
const program = process.env.CHATFLOW_SOCKET;

let gateway;
before(async () => (gateway = await startGateway(program, {
    CHATFLOW_POD_ID: "pod-a", CHATFLOW_QUEUE_BYTES: "65536",
})));
after(() => gateway.stop());

const connected = (client) => new Promise((resolve, reject) => {
    client.on("connect", resolve);
    client.on("connect_error", reject);
});
const rssOf = ({ child }) =>
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))[1]);
const next = (client, event) => new Promise((resolve) => client.once(event, (...args) => resolve(args)));

for (const transports of [["polling"], ["websocket"], ["polling", "websocket"]]) {
    test(`socket.io-client by ${transports.join(", then ")}`, async () => {
        const client = io(gateway.url, { transports, auth: { token: "t" }, forceNew: true });
        const auth = next(client, "auth");
        await connected(client);
        assert.deepEqual(await auth, [{ token: "t" }]);
        assert.deepEqual(await client.emitWithAck("message-with-ack", { a: [1, "ü"] }), { a: [1, "ü"] });
        const back = next(client, "message-back");
        client.emit("message", Buffer.from([1, 2, 3]), "x".repeat(30000));
        const [bytes, text] = await back;
        assert.deepEqual([...Buffer.from(bytes)], [1, 2, 3]);
        assert.equal(text.length, 30000);
        client.on("question", (number, answer) => answer(number + 1));
        const answered = next(client, "answered");
        client.emit("ask");
        assert.deepEqual(await answered, [[2]]);
        if (transports.length === 2) {
            await until(() => client.io.engine.transport.name === "websocket", "upgrade");
        }
        client.disconnect();
    });
}

test("all members of a room get what is said, in order", async () => {
    const clients = await Promise.all([...Array(10).keys()].map(async (i) => {
        const client = io(gateway.url, {
            transports: [i % 2 === 0 ? "websocket" : "polling"], forceNew: true,
        });
        client.said = [];
        client.on("said", (number) => client.said.push(number));
        await connected(client);
        await client.emitWithAck("join", 7);
        return client;
    }));
    for (let i = 0; i < 200; ++i) clients[0].emit("say", 7, i);
    await until(() => clients.every((client) => client.said.length === 200), "all said");
    for (const client of clients) {
        assert.deepEqual(client.said, [...Array(200).keys()]);
        client.disconnect();
    }
});

test("permessage-deflate with the clients that offer it", async () => {
    const packing = await startGateway(program, { CHATFLOW_DEFLATE: "on" });
    const text = JSON.stringify([...Array(2000).keys()]);
    for (const transports of [["websocket"], ["polling", "websocket"]]) {
        const client = io(packing.url, { transports, forceNew: true,
            perMessageDeflate: { threshold: 1024 } });
        await connected(client);
        if (transports.length === 2) {
            await until(() => client.io.engine.transport.name === "websocket", "upgrade");
        }
        assert.match(client.io.engine.transport.ws.extensions, /permessage-deflate/);
        const before = await packing.metric("chatflow_socket_sent_bytes_total");
        for (const one of ["short", text, "x".repeat(900_000), "ü".repeat(3000)]) {
            assert.equal(await client.emitWithAck("message-with-ack", one), one);
        }
        const back = next(client, "message-back");
        client.emit("message", Buffer.alloc(50_000, "abc"));
        assert.deepEqual((await back)[0], Buffer.alloc(50_000, "abc"));
        const sent = await packing.metric("chatflow_socket_sent_bytes_total") - before;
        assert.ok(sent < 30_000, `${sent} bytes were sent`);
        client.disconnect();
    }
    assert.ok(await packing.metric("chatflow_socket_deflated_total") >= 8);
    const plain = io(packing.url, { transports: ["websocket"], forceNew: true,
        perMessageDeflate: false });
    await connected(plain);
    assert.equal(await plain.emitWithAck("message-with-ack", text), text);
    assert.equal(plain.io.engine.transport.ws.extensions, "");
    plain.disconnect();
    await packing.stop();
});

test("a message that unpacks to more than maxPayload is refused", async () => {
    const packing = await startGateway(program, { CHATFLOW_DEFLATE: "on" });
    const before = rssOf(packing);
    for (let i = 0; i < 3; ++i) {
        const socket = new WebSocket(packing.ws + "/echo", { perMessageDeflate: { threshold: 0 } });
        await new Promise((resolve) => socket.on("open", resolve));
        socket.send(Buffer.alloc(16 << 20));  // 16 KB on the wire
        const code = await new Promise((resolve) => socket.on("close", resolve));
        assert.equal(code, 1009);
    }
    assert.ok(rssOf(packing) - before < 10_000, `${rssOf(packing) - before} KB more`);
    await packing.stop();
});

test("without the setting no compression is agreed upon", async () => {
    const socket = new WebSocket(gateway.ws + "/echo", { perMessageDeflate: true });
    await new Promise((resolve) => socket.on("open", resolve));
    assert.equal(socket.extensions, "");
    socket.close();
});

test("who does not read is closed, others do not notice", async () => {
    const room = 8;
    const stalled = connectTcp(gateway.port, "127.0.0.1");
    stalled.write("GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\n" +
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    const send = (text) => stalled.write(Buffer.concat([
        Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]));
    send("40");
    send(`42["join",${room}]`);
    await sleep(200);
    stalled.pause();
    const closed = 'chatflow_socket_sessions_closed_total{reason="too slow"}';
    const others = await Promise.all([...Array(20).keys()].map(async () => {
        const client = io(gateway.url, { transports: ["websocket"], forceNew: true });
        client.got = 0;
        client.on("said", (text) => {
            assert.equal(Number(text.slice(0, 6)), client.got);
            ++client.got;
        });
        await connected(client);
        await client.emitWithAck("join", room);
        return client;
    }));
    const before = rssOf(gateway);
    let said = 0;
    let most = 0;
    await until(async () => {
        for (let i = 0; i < 20; ++i, ++said) {
            others[0].emit("say", room, String(said).padStart(6, "0") + "y".repeat(20000));
        }
        await until(() => others.every(({ got }) => got === said), "what was said");
        most = Math.max(most, rssOf(gateway) - before);
        return (await gateway.metric(closed)) === 1;
    }, "closed", 30000);
    // Queues of 64 KiB; far more was said than that.
    assert.ok(most < 20_000, `${most} KB more`);
    assert.ok(said * 20_000 > 1 << 20);
    for (const client of others) {
        assert.equal(client.connected, true);
        client.disconnect();
    }
    stalled.destroy();
});

test("polls at the wrong pod reach the right one", async () => {
    const other = await startGateway(program, {
        CHATFLOW_POD_ID: "pod-b", CHATFLOW_PEER_ADDRESS: `127.0.0.1:${gateway.port}`,
    });
    const path = "/engine.io/?EIO=4&transport=polling";
    const { sid } = JSON.parse((await (await fetch(gateway.url + path)).text()).slice(1));
    assert.match(sid, /\.pod-a$/);
    const poll = fetch(`${other.url}${path}&sid=${sid}`);
    await sleep(50);
    const posted = await fetch(`${other.url}${path}&sid=${sid}`, { method: "POST", body: "4hi" });
    assert.equal(await posted.text(), "ok");
    assert.equal(await (await poll).text(), "4hi");
    const unknown = await fetch(`${other.url}${path}&sid=nobody.pod-a`);
    assert.equal((await unknown.json()).code, 1);
    await other.stop();
});

test("beyond the limit: 503 and Retry-After", async () => {
    const small = await startGateway(program, { CHATFLOW_CONNECTIONS_MAX: "2" });
    const path = "/socket.io/?EIO=4&transport=polling";
    for (let i = 0; i < 2; ++i) assert.equal((await fetch(small.url + path)).status, 200);
    const answer = await fetch(small.url + path);
    assert.equal(answer.status, 503);
    assert.ok(Number(answer.headers.get("retry-after")) >= 1);
    const socket = new WebSocket(`${small.ws}/socket.io/?EIO=4&transport=websocket`);
    const [, response] = await new Promise((resolve) =>
        socket.on("unexpected-response", (...args) => resolve(args)));
    assert.equal(response.statusCode, 503);
    await small.stop();
});

test("a drain is not ready first, paces its closes, and clients come back elsewhere", async () => {
    const leaving = await startGateway(program, { CHATFLOW_SHUTDOWN_GRACE_SECONDS: "6" });
    const reasons = [];
    const codes = [];
    const clients = await Promise.all([...Array(20).keys()].map(async (i) => {
        const client = io(leaving.url, {
            transports: [i % 2 === 0 ? "websocket" : "polling"], forceNew: true,
        });
        client.on("disconnect", (reason) => reasons.push({ reason, at: Date.now(), active: client.active }));
        await connected(client);
        return client;
    }));
    const plain = new WebSocket(leaving.ws + "/ws");
    plain.on("close", (code) => codes.push(code));
    await new Promise((resolve) => plain.on("open", resolve));
    plain.send('{"connect":{}}');
    await until(async () => (await leaving.metric("chatflow_socket_clients")) === 21, "connected");
    leaving.child.kill("SIGTERM");
    await until(async () => (await fetch(leaving.admin + "/health/ready")).status === 503, "not ready");
    assert.equal(await leaving.ended, 0);
    await until(() => reasons.length === 20 && codes.length === 1, "all closed");
    assert.deepEqual(codes, [1012]);
    for (const { reason, active } of reasons) {
        assert.equal(reason, "transport close");
        assert.ok(active, "comes back by itself");
    }
    const times = reasons.map(({ at }) => at);
    assert.ok(Math.max(...times) - Math.min(...times) > 1000, "paced");
    for (const client of clients) client.disconnect();
});

test("a drain that is taken back lets people in again and closes nobody else", async () => {
    const gate = await startGateway(program);
    let closed = 0;
    await Promise.all([...Array(5).keys()].map(async () => {
        const socket = new WebSocket(gate.ws + "/ws");
        socket.on("close", () => ++closed);
        await new Promise((resolve) => socket.on("open", resolve));
        socket.send('{"connect":{}}');
    }));
    await until(async () => (await gate.metric("chatflow_socket_clients")) === 5, "connected");
    const drain = async (method) => (await fetch(gate.admin + "/drain?seconds=5", { method })).status;
    const ready = async () => (await fetch(gate.admin + "/health/ready")).status;
    const poll = async () => (await fetch(gate.url + "/socket.io/?EIO=4&transport=polling")).status;
    assert.equal(await drain("DELETE"), 200, "nothing to take back");
    assert.equal(await drain("POST"), 202);
    assert.equal(await ready(), 503);
    assert.equal(await poll(), 503);
    assert.equal(await drain("DELETE"), 200);
    assert.equal(await ready(), 200);
    assert.equal(await poll(), 200);
    assert.equal(await gate.metric("chatflow_socket_draining"), 0);
    await sleep(2500);  // two more would have had to leave
    assert.ok(closed <= 1, `${closed} closed`);
    await gate.stop();
});
