// Two people in a room, each with the unmodified Socket.IO client and with HTTP:
//   node receipts_client.mjs API GATEWAY
import assert from "node:assert/strict";
import { require, until } from "../socket/gateway.mjs";

const { io } = require("socket.io-client");
const [api, gateway] = process.argv.slice(2);

async function call(method, path, person, body) {
    const answer = await fetch(`${api}${path}`, {
        method,
        headers: { "Content-Type": "application/json",
            ...(person && { Authorization: `Bearer ${person.token}` }) },
        ...(body && { body: JSON.stringify(body) }),
    });
    assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
    return answer.status === 204 ? null : answer.json();
}

async function person(handle) {
    const made = await call("POST", "/api/v1/auth/signup", null,
        { handle, password: "correct horse battery" });
    return { id: made.user.id, token: made.access_token };
}

async function connect(who, room) {
    const socket = io(gateway, { auth: { token: who.token }, transports: ["websocket"], forceNew: true });
    socket.heard = [];
    socket.onAny((event, value) => {
        if (event === "message.read" || event === "message.delivered") {
            socket.heard.push(`${event} ${value.userId === ann.id ? "ann" : "bob"} ${value.seq}`);
            assert.equal(value.roomId, room);
            assert.equal(typeof value.timestamp, "number");
        }
    });
    await new Promise((resolve, reject) => {
        socket.on("connect", resolve);
        socket.on("connect_error", reject);
    });
    assert.equal((await socket.emitWithAck("join", room)).ok, true);
    return socket;
}

const ann = await person("ann");
const bob = await person("bob");
const room = await call("POST", "/api/v1/rooms", ann, { name: "x", kind: "private" });
const path = `/api/v1/rooms/${room.id}`;
await call("PUT", `${path}/members/${bob.id}`, ann, {});
for (let i = 0; i < 5; ++i) await call("POST", `${path}/messages`, ann, { body: `${i}` });
const anns = await connect(ann, room.id);
const bobs = await connect(bob, room.id);
const kept = async (who) => {
    const { members } = await call("GET", `${path}/members`, ann);
    const member = members.find((one) => one.user_id === who.id);
    return [member.last_delivered_seq, member.last_read_seq];
};
const hears = (socket, heard) => until(() => socket.heard.at(-1) === heard, heard);

// By HTTP: the sockets of the room hear what has moved, and nothing else.
await call("PUT", `${path}/receipt`, bob, { delivered: 3 });
await call("PUT", `${path}/receipt`, bob, { read: 2 });
await call("PUT", `${path}/receipt`, bob, { read: 1, delivered: 2 });
await call("PUT", `${path}/receipt`, bob, { read: 4 });
await hears(anns, "message.read bob 4");
const told = ["message.delivered bob 3", "message.read bob 2", "message.read bob 4"];
assert.deepEqual(anns.heard, told);
await hears(bobs, "message.read bob 4");

// By socket: the others hear it at once, and HTTP shows it a moment later.
assert.equal((await anns.emitWithAck("delivered", { roomId: room.id, seq: 5 })).ok, true);
await hears(bobs, "message.delivered ann 5");
await until(async () => (await kept(ann))[0] === 5, "delivered is kept");
assert.equal((await anns.emitWithAck("read", { roomId: room.id, seq: 3 })).ok, true);
await hears(bobs, "message.read ann 3");
await until(async () => (await kept(ann))[1] === 3, "read is kept");
assert.equal((await anns.emitWithAck("read", { roomId: room.id, seq: 99 })).ok, true);
await until(async () => (await kept(ann))[1] === 5, "no more is read than there is");
assert.deepEqual(await kept(ann), [5, 5]);
assert.deepEqual(await kept(bob), [4, 4]);
const [joined] = (await call("GET", "/api/v1/users/me/rooms", ann)).rooms;
assert.equal(joined.unread, 0);

// What came by the bus was told once, by the gateway, and not to who said it.
await call("PUT", `${path}/receipt`, bob, { read: 5 });
await hears(anns, "message.read bob 5");
assert.deepEqual(anns.heard, [...told, "message.read bob 5"]);
assert.deepEqual(bobs.heard.filter((text) => text.includes("ann")),
    ["message.delivered ann 5", "message.read ann 3", "message.read ann 99"]);
for (const socket of [anns, bobs]) socket.disconnect();
