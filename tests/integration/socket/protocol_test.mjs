// Engine.IO v4 and Socket.IO v5 as the protocols' documents have them, against the real
// binary. Run by ctest: node --test; CHATFLOW_SOCKET is the program.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { require, sleep, startGateway, until } from "./gateway.mjs";

const { WebSocket } = require("ws");

const settings = {
    CHATFLOW_PING_INTERVAL_MS: "1000",
    CHATFLOW_PING_TIMEOUT_MS: "1000",
    CHATFLOW_CONNECT_TIMEOUT_MS: "2000",
};
let gateway;
before(async () => (gateway = await startGateway(process.env.CHATFLOW_SOCKET, settings)));
after(() => gateway.stop());

const engine = "/engine.io/?EIO=4&transport=polling";
const get = (path) => fetch(gateway.url + path);
const post = (path, body) => fetch(gateway.url + path, { method: "POST", body });

async function openPolling(path = engine) {
    const answer = await get(path);
    assert.equal(answer.status, 200);
    const text = await answer.text();
    assert.equal(text[0], "0");
    return JSON.parse(text.slice(1));
}

// A WebSocket whose messages can be awaited one by one; pings are answered unless one wants them.
function openSocket(path, { wantsPings = false } = {}) {
    const socket = new WebSocket(gateway.ws + path);
    const messages = [];
    const waiting = [];
    socket.on("message", (data, isBinary) => {
        const message = isBinary ? data : data.toString();
        if (message === "2" && !wantsPings) return socket.send("3");
        if (waiting.length > 0) waiting.shift()(message);
        else messages.push(message);
    });
    socket.on("error", () => {});
    socket.closed = new Promise((resolve) => socket.on("close", (code) => resolve(code)));
    socket.next = () =>
        messages.length > 0
            ? Promise.resolve(messages.shift())
            : new Promise((resolve) => waiting.push(resolve));
    socket.opened = new Promise((resolve) => socket.on("open", resolve));
    return socket;
}

async function openSocketIo() {
    const socket = openSocket("/socket.io/?EIO=4&transport=websocket");
    await socket.next();
    socket.send("40");
    assert.match(await socket.next(), /^40\{"sid":"[^"]+"\}$/);
    assert.equal(await socket.next(), '42["auth",{}]');
    return socket;
}

test("a session by polling", async () => {
    const open = await openPolling();
    assert.deepEqual(Object.keys(open).sort(),
        ["maxPayload", "pingInterval", "pingTimeout", "sid", "upgrades"]);
    assert.deepEqual(open.upgrades, ["websocket"]);
    assert.equal(open.pingInterval, 1000);
    assert.equal(open.maxPayload, 1000000);
});

test("bad requests get the protocol's codes", async () => {
    for (const [path, code] of [
        ["/engine.io/?transport=polling", 5], ["/engine.io/?EIO=abc&transport=polling", 5],
        ["/engine.io/?EIO=4", 0], ["/engine.io/?EIO=4&transport=abc", 0],
        [engine + "&sid=unknown", 1],
    ]) {
        const answer = await get(path);
        assert.equal(answer.status, 400, path);
        assert.equal((await answer.json()).code, code, path);
        assert.equal(answer.headers.get("access-control-allow-origin"), "*");
    }
    assert.equal((await post(engine, "x")).status, 400);
    assert.equal((await (await post(engine, "x")).json()).code, 2);
});

test("a preflight request is answered", async () => {
    const answer = await fetch(gateway.url + engine, {
        method: "OPTIONS",
        headers: { Origin: "http://a.example", "Access-Control-Request-Method": "POST" },
    });
    assert.equal(answer.status, 204);
    assert.match(answer.headers.get("access-control-allow-methods"), /POST/);
});

test("polling carries text and binary both ways", async () => {
    const { sid } = await openPolling();
    const path = `${engine}&sid=${sid}`;
    const posted = await post(path, "4test1\x1ebAQIDBA==\x1e4test3");
    assert.equal(await posted.text(), "ok");
    assert.equal(await (await get(path)).text(), "4test1\x1ebAQIDBA==\x1e4test3");
});

test("an unreadable body ends the session", async () => {
    const { sid } = await openPolling();
    const path = `${engine}&sid=${sid}`;
    assert.equal((await post(path, "abc")).status, 400);
    assert.equal((await get(path)).status, 400);
});

test("a body beyond maxPayload is refused", async () => {
    const { sid } = await openPolling();
    const answer = await post(`${engine}&sid=${sid}`, "4" + "x".repeat(1000001)).catch(() => null);
    if (answer !== null) assert.equal(answer.status, 413);
});

test("two polls at once end the session", async () => {
    const { sid } = await openPolling();
    const path = `${engine}&sid=${sid}`;
    // Which of them comes first is not ours to say.
    const answers = await Promise.all([get(path), get(path + "&t=2")]);
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 400]);
    const waited = answers.find(({ status }) => status === 200);
    assert.equal(await waited.text(), "1");
});

test("a cancelled poll ends the session", async () => {
    const { sid } = await openPolling();
    const path = `${engine}&sid=${sid}`;
    const abort = new AbortController();
    const poll = fetch(gateway.url + path, { signal: abort.signal }).catch(() => null);
    await sleep(20);
    abort.abort();
    await poll;
    await until(async () => (await get(path)).status === 400, "ended");
});

test("heartbeats by polling, and the end of who does not answer", async () => {
    const { sid } = await openPolling();
    const path = `${engine}&sid=${sid}`;
    for (let i = 0; i < 3; ++i) {
        assert.equal(await (await get(path)).text(), "2");
        assert.equal((await post(path, "3")).status, 200);
    }
    await until(async () => {
        const answer = await get(path);
        await answer.text();
        return answer.status === 400;
    }, "ping timeout");
});

test("heartbeats by WebSocket", async () => {
    const socket = openSocket("/engine.io/?EIO=4&transport=websocket", { wantsPings: true });
    assert.equal((await socket.next())[0], "0");
    for (let i = 0; i < 3; ++i) {
        assert.equal(await socket.next(), "2");
        socket.send("3");
    }
    await socket.closed;
});

test("a client closes its session by polling", async () => {
    const { sid } = await openPolling();
    const path = `${engine}&sid=${sid}`;
    const poll = get(path);
    await sleep(20);
    await post(path, "1");
    // On a busy machine the poll may come too late to hear of it.
    const answer = await poll;
    if (answer.status === 200) assert.equal(await answer.text(), "6");
    else assert.equal(answer.status, 400);
    assert.equal((await get(path)).status, 400);
});

test("upgrade from polling to WebSocket", async () => {
    const { sid } = await openPolling();
    const path = `${engine}&sid=${sid}`;
    const poll = get(path);
    await sleep(20);
    const socket = openSocket(`/engine.io/?EIO=4&transport=websocket&sid=${sid}`);
    await socket.opened;
    socket.send("2probe");
    assert.equal(await socket.next(), "3probe");
    assert.equal(await (await poll).text(), "6");
    socket.send("5");
    socket.send("4hello");
    assert.equal(await socket.next(), "4hello");
    assert.equal((await get(path)).status, 400);
    const again = openSocket(`/engine.io/?EIO=4&transport=websocket&sid=${sid}`);
    await again.closed;
    socket.send("4still");
    assert.equal(await socket.next(), "4still");
    socket.close();
});

test("a namespace is connected, custom ones too, unknown ones refused", async () => {
    const socket = openSocket("/socket.io/?EIO=4&transport=websocket");
    await socket.next();
    socket.send('40{"token":"123"}');
    assert.match(await socket.next(), /^40/);
    assert.equal(await socket.next(), '42["auth",{"token":"123"}]');
    socket.send("40/custom,");
    assert.match(await socket.next(), /^40\/custom,\{"sid":/);
    assert.equal(await socket.next(), '42/custom,["auth",{}]');
    socket.send("40/random");
    assert.equal(await socket.next(), '44/random,{"message":"Invalid namespace"}');
    socket.close();
});

test("who connects to no namespace is closed", async () => {
    const socket = openSocket("/socket.io/?EIO=4&transport=websocket");
    await socket.next();
    await socket.closed;
});

test("events, acknowledgements and attachments", async () => {
    const socket = await openSocketIo();
    socket.send('42["message",1,"2",{"3":[true]}]');
    assert.equal(await socket.next(), '42["message-back",1,"2",{"3":[true]}]');
    socket.send('42456["message-with-ack",1]');
    assert.equal(await socket.next(), "43456[1]");
    socket.send('452-["message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]');
    socket.send(Buffer.from([1, 2, 3]));
    socket.send(Buffer.from([4, 5, 6]));
    assert.equal(await socket.next(),
        '452-["message-back",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]');
    assert.deepEqual([...(await socket.next())], [1, 2, 3]);
    assert.deepEqual([...(await socket.next())], [4, 5, 6]);
    socket.send('451-789["message-with-ack",{"_placeholder":true,"num":0}]');
    socket.send(Buffer.from([7]));
    assert.equal(await socket.next(), '461-789[{"_placeholder":true,"num":0}]');
    assert.deepEqual([...(await socket.next())], [7]);
    socket.close();
});

test("a namespace is left, others go on", async () => {
    const socket = await openSocketIo();
    socket.send("40/custom,");
    await socket.next();
    await socket.next();
    socket.send("41");
    socket.send('42["message","lost"]');
    socket.send('42/custom,["message","kept"]');
    assert.equal(await socket.next(), '42/custom,["message-back","kept"]');
    socket.close();
});

test("malformed packets end the connection", async () => {
    for (const packet of ["4abc", "42{}", "42[]", '42["a"', "42abc[", '42["connect"]', "451-", "4{",
        "0", "2", "49", "45999-[]"]) {
        const socket = await openSocketIo();
        socket.send(packet);
        await socket.closed;
    }
    const socket = await openSocketIo();
    socket.send(Buffer.from([1]));
    await socket.closed;
});

test("plain WebSocket: connect, event, answer", async () => {
    const socket = openSocket("/ws");
    await socket.opened;
    socket.send('{"connect":{"token":"x"}}');
    assert.ok(JSON.parse(await socket.next()).connected.sid);
    assert.deepEqual(JSON.parse(await socket.next()), { event: ["auth", { token: "x" }] });
    socket.send('{"event":["message-with-ack",1,2],"id":7}');
    assert.deepEqual(JSON.parse(await socket.next()), { ack: 7, data: [1, 2] });
    socket.send("no JSON");
    assert.equal(await socket.closed, 1002);
});
