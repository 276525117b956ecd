// The unmodified client of PyPI.
import { test } from "node:test";
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { startGateway } from "./gateway.mjs";

test("python-socketio by both transports", async () => {
    const gateway = await startGateway(process.env.CHATFLOW_SOCKET);
    const python = process.env.CHATFLOW_CLIENTS + "/venv/bin/python3";
    const script = new URL("python_client.py", import.meta.url).pathname;
    const output = execFileSync(python, [script, gateway.url], { timeout: 60000 }).toString();
    assert.equal(output, "polling ok\nwebsocket ok\n");
    await gateway.stop();
});

test("python's websockets with permessage-deflate", async () => {
    const gateway = await startGateway(process.env.CHATFLOW_SOCKET, { CHATFLOW_DEFLATE: "on" });
    const python = process.env.CHATFLOW_CLIENTS + "/venv/bin/python3";
    const script = new URL("python_deflate.py", import.meta.url).pathname;
    const output = execFileSync(python, [script, gateway.ws], { timeout: 60000 }).toString();
    assert.equal(output, "deflate ok\n");
    assert.ok(await gateway.metric("chatflow_socket_inflated_total") >= 5);
    await gateway.stop();
});
