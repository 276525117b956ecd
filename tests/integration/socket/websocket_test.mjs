// RFC 6455, octet by octet: what a library would not send. The echo of CHATFLOW_SOCKET at /echo.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { connect as connectTcp } from "node:net";
import { startGateway } from "./gateway.mjs";

let gateway;
before(async () => (gateway = await startGateway(process.env.CHATFLOW_SOCKET)));
after(() => gateway.stop());

const FIN = 0x80, TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10;
const kAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

function frame(first, payload = "", mask = [1, 2, 3, 4]) {
    const body = Buffer.from(payload);
    const length = body.length < 126 ? [0x80 | body.length]
        : body.length < 65536 ? [0xfe, body.length >> 8, body.length & 255]
        : [0xff, 0, 0, 0, 0, ...[24, 16, 8, 0].map((bits) => (body.length >> bits) & 255)];
    return Buffer.concat([Buffer.from([first, ...length, ...mask]), body.map((b, i) => b ^ mask[i % 4])]);
}
const closing = (code, reason = "") =>
    frame(FIN | CLOSE, Buffer.concat([Buffer.from([code >> 8, code & 255]), Buffer.from(reason)]));
const bye = closing(1000);

function framesIn(bytes) {
    const frames = [];
    for (let at = 0; at < bytes.length;) {
        let length = bytes[at + 1];
        let header = 2;
        if (length === 126) { length = bytes.readUInt16BE(at + 2); header = 4; }
        else if (length === 127) { length = Number(bytes.readBigUInt64BE(at + 2)); header = 10; }
        frames.push({ first: bytes[at], payload: bytes.subarray(at + header, at + header + length) });
        at += header + length;
    }
    return frames;
}

// What comes back until the server closes the connection; the input goes in pieces of `step` octets.
function exchange(frames, step = Infinity) {
    return new Promise((resolve, reject) => {
        const socket = connectTcp(gateway.port, "127.0.0.1");
        let received = Buffer.alloc(0);
        socket.setNoDelay(true);
        socket.on("data", (data) => (received = Buffer.concat([received, data])));
        socket.on("error", () => {});
        socket.setTimeout(10000, () => reject(new Error("no close within 10 s")));
        socket.on("close", () => {
            const end = received.indexOf("\r\n\r\n") + 4;
            assert.match(received.subarray(0, end).toString(), /^HTTP\/1.1 101 /);
            assert.ok(received.includes(kAccept));
            resolve(framesIn(received.subarray(end)));
        });
        socket.write("GET /echo HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
        const input = Buffer.concat(frames);
        const feed = (at) => {
            if (at >= input.length || socket.destroyed) return;
            socket.write(input.subarray(at, at + step));
            setImmediate(feed, at + step);
        };
        feed(0);
    });
}

const closeCode = (frames) => {
    const last = frames.at(-1);
    assert.equal(last?.first, FIN | CLOSE);
    return last.payload.readUInt16BE(0);
};
async function echoes(what, first, payload, frames = [frame(FIN | first, payload)], step = Infinity) {
    const answer = await exchange([...frames, bye], step);
    assert.equal(answer.length, 2, what);
    assert.equal(answer[0].first, FIN | first, what);
    assert.ok(answer[0].payload.equals(Buffer.from(payload)), what);
    assert.equal(closeCode(answer), 1000, what);
}
async function fails(what, frames, code) {
    assert.equal(closeCode(await exchange(frames)), code, what);
}

test("messages of every form of length come back, text and binary", async () => {
    for (const size of [0, 1, 125, 126, 127, 128, 65535, 65536, 1000000]) {
        await echoes(`text of ${size}`, TEXT, "*".repeat(size));
        await echoes(`binary of ${size}`, BINARY, Buffer.alloc(size, 0xfe));
    }
});

test("octets may come one by one", async () => {
    await echoes("text", TEXT, "chopped ü", undefined, 1);
    await echoes("long", TEXT, "x".repeat(300), undefined, 1);
});

test("pings are answered with what they carry, in order; pongs are let be", async () => {
    const pings = [...Array(10).keys()].map((i) => frame(FIN | PING, `ping ${i}`));
    const answer = await exchange([
        frame(FIN | PING), frame(FIN | PING, Buffer.alloc(125, 0xff)), frame(FIN | PONG, "unasked"),
        ...pings, bye]);
    assert.equal(answer.length, 13);
    for (const { first } of answer.slice(0, 12)) assert.equal(first, FIN | PONG);
    assert.equal(answer[0].payload.length, 0);
    assert.equal(answer[1].payload.length, 125);
    assert.deepEqual(answer.slice(2, 12).map(({ payload }) => payload.toString()),
        [...Array(10).keys()].map((i) => `ping ${i}`));
    await fails("a ping of 126 octets", [frame(FIN | PING, Buffer.alloc(126))], 1002);
});

test("reserved bits and opcodes are refused", async () => {
    for (const bits of [0x40, 0x20, 0x10, 0x70]) {
        await fails(`bits ${bits}`, [frame(FIN | bits | TEXT, "a")], 1002);
        await fails(`bits ${bits} of a ping`, [frame(FIN | bits | PING)], 1002);
    }
    for (const opcode of [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]) {
        await fails(`opcode ${opcode}`, [frame(FIN | opcode, "a")], 1002);
    }
    await fails("unmasked", [Buffer.from([FIN | TEXT, 1, 0x61])], 1002);
    await fails("a length of 2^63", [Buffer.from([0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4])], 1002);
});

test("what came before a refusal is answered", async () => {
    const answer = await exchange([frame(FIN | TEXT, "first"), frame(FIN | 3, "x"), frame(FIN | PING)]);
    assert.equal(answer[0].payload.toString(), "first");
    assert.equal(answer.length, 2);
    assert.equal(closeCode(answer), 1002);
});

test("fragments are joined, with control frames in between", async () => {
    await echoes("two", TEXT, "hello", [frame(TEXT, "he"), frame(FIN, "llo")]);
    await echoes("empty ones", TEXT, "a", [frame(TEXT), frame(0, "a"), frame(0), frame(FIN)]);
    await echoes("nothing", TEXT, "", [frame(TEXT), frame(0), frame(FIN)]);
    await echoes("a thousand", BINARY, "12345678".repeat(1000),
        [frame(BINARY), ...Array(1000).fill(frame(0, "12345678")), frame(FIN)]);
    const answer = await exchange([frame(TEXT, "a"), frame(FIN | PING, "p"), frame(FIN, "b"), bye]);
    assert.deepEqual(answer.slice(0, 2).map(({ payload }) => payload.toString()), ["p", "ab"]);
    await fails("a fragmented ping", [frame(PING, "a")], 1002);
    await fails("a fragmented close", [frame(CLOSE)], 1002);
    await fails("a continuation of nothing", [frame(FIN, "a")], 1002);
    await fails("a continuation of what has ended", [frame(FIN | TEXT, "a"), frame(0, "b")], 1002);
    await fails("a new message within one", [frame(TEXT, "a"), frame(FIN | TEXT, "b")], 1002);
});

test("texts are UTF-8", async () => {
    const bytes = (...values) => Buffer.from(values);
    for (const text of ["κόσμε", "\u0000", "\u007f\u0080\u07ff\u0800\uffff", "\u{10000}\u{10ffff}", "\ud7ff\ue000\ufffd"]) {
        await echoes(text, TEXT, text);
        const whole = Buffer.from(text);
        await echoes(`${text} in octets`, TEXT, text,
            [frame(TEXT), ...[...whole].map((octet) => frame(0, bytes(octet))), frame(FIN)]);
    }
    for (const invalid of [
        bytes(0xff), bytes(0xfe), bytes(0x80), bytes(0xbf), bytes(0xc3), bytes(0xe0, 0xa0), bytes(0xf0, 0x90, 0x80),
        bytes(0xc0, 0x80), bytes(0xc1, 0xbf), bytes(0xe0, 0x80, 0xaf), bytes(0xe0, 0x9f, 0xbf), bytes(0xf0, 0x8f, 0xbf, 0xbf),
        bytes(0xed, 0xa0, 0x80), bytes(0xed, 0xbf, 0xbf), bytes(0xed, 0xad, 0xbf, 0xed, 0xbe, 0x80),
        bytes(0xf4, 0x90, 0x80, 0x80), bytes(0xf8, 0x88, 0x80, 0x80, 0x80), bytes(0xce, 0xba, 0xed, 0xa0, 0x80, 0x65),
    ]) {
        await fails(invalid.toString("hex"), [frame(FIN | TEXT, invalid)], 1007);
    }
    await echoes("binary is not looked at", BINARY, bytes(0xff, 0xc0));
});

test("a close is answered with its code, and ends it", async () => {
    for (const code of [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999]) {
        await fails(`code ${code}`, [closing(code, "reason ü")], code);
    }
    for (const code of [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999, 5000, 65535]) {
        await fails(`code ${code}`, [closing(code)], 1002);
    }
    await fails("no code", [frame(FIN | CLOSE)], 1000);
    await fails("one octet", [frame(FIN | CLOSE, "a")], 1002);
    await fails("a reason of 123 octets", [closing(1000, "r".repeat(123))], 1000);
    await fails("a reason of 124 octets", [closing(1000, "r".repeat(124))], 1002);
    await fails("a reason that is no UTF-8", [closing(1000, Buffer.from([0xed, 0xa0, 0x80]))], 1007);
    const answer = await exchange([bye, bye, frame(FIN | TEXT, "late"), frame(FIN | PING)]);
    assert.equal(answer.length, 1, "nothing is answered behind a close");
});

test("messages beyond the bound are refused before they have come", async () => {
    await fails("one frame", [Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0x10, 0, 0, 0, 1, 2, 3, 4])], 1009);
    const part = frame(0, Buffer.alloc(60000));
    await fails("fragments", [frame(BINARY), ...Array(17).fill(part)], 1009);
});

test("handshakes that are none", async () => {
    const wanted = { Upgrade: "websocket", Connection: "Upgrade", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==" };
    const status = (change, line = "GET /echo HTTP/1.1") => new Promise((resolve) => {
        const socket = connectTcp(gateway.port, "127.0.0.1");
        let received = "";
        socket.on("data", (data) => {
            received += data;
            if (!received.includes("\r\n\r\n")) return;
            socket.destroy();
            resolve(received);
        });
        const headers = Object.entries({ Host: "x", ...wanted, ...change }).filter(([, value]) => value);
        socket.write(`${line}\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`);
    });
    assert.match(await status({}), / 101 /);
    assert.match(await status({ Upgrade: "WebSocket", Connection: "keep-alive, upgrade" }), / 101 /);
    const offered = await status({ "Sec-WebSocket-Extensions": "permessage-deflate" });
    assert.match(offered, / 101 /);
    assert.doesNotMatch(offered, /extensions/i);
    assert.match(await status({ "Sec-WebSocket-Key": null }), / 400 /);
    assert.match(await status({ "Sec-WebSocket-Key": "short" }), / 400 /);
    const old = await status({ "Sec-WebSocket-Version": "8" });
    assert.match(old, / 426 /);
    assert.match(old, /Sec-WebSocket-Version: 13/);
    assert.match(await status({ Upgrade: null, Connection: null }), / 426 /);
    assert.match(await status({}, "POST /echo HTTP/1.1"), / 4\d\d /);
});
