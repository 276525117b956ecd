// Starts the gateway for tests: two free ports, the settings given, its log on failure.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";

import { freePort } from "../../support/free_port.cjs";

export const require = createRequire(process.env.CHATFLOW_CLIENTS + "/package.json");

export { freePort };

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export async function until(condition, what, ms = 20000) {
    for (const end = Date.now() + ms; Date.now() < end; await sleep(20)) {
        if (await condition()) return;
    }
    throw new Error(`${what}: not within ${ms} ms`);
}

export async function startGateway(program, settings = {}) {
    const port = await freePort();
    const metricsPort = await freePort();
    const child = spawn(program, [], {
        env: {
            ...process.env,
            CHATFLOW_APPLICATION: "echo",
            CHATFLOW_HTTP_ADDRESS: `127.0.0.1:${port}`,
            CHATFLOW_METRICS_ADDRESS: `127.0.0.1:${metricsPort}`,
            CHATFLOW_SHUTDOWN_DELAY_SECONDS: "0",
            ...settings,
        },
    });
    let log = "";
    child.stdout.on("data", (data) => (log += data));
    child.stderr.on("data", (data) => (log += data));
    const ended = new Promise((resolve) => child.on("exit", (code, signal) => resolve(code ?? signal)));
    const admin = `http://127.0.0.1:${metricsPort}`;
    const isReady = () => fetch(admin + "/health/ready").then((answer) => answer.ok, () => false);
    await until(isReady, "ready").catch((error) => {
        throw new Error(`${error.message}\n${log}`);
    });
    const metric = async (name) => {
        const text = await (await fetch(admin + "/metrics")).text();
        const line = text.split("\n").find((one) => one.startsWith(name + " "));
        return line === undefined ? undefined : Number(line.split(" ").pop());
    };
    return {
        port, admin, child, ended, metric,
        url: `http://127.0.0.1:${port}`,
        ws: `ws://127.0.0.1:${port}`,
        log: () => log,
        stop: async () => {
            child.kill("SIGKILL");
            await ended;
        },
    };
}
