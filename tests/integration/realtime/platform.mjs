// Gateways with the whole platform on a Redis of their own, and tokens that they accept.
import { spawn } from "node:child_process";
import { generateKeyPairSync, sign } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect as connectTcp } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, startGateway, until } from "../socket/gateway.mjs";

const first = makeKey("1");

/// A key pair, its public part as a JWK.
export function makeKey(kid) {
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    return { kid, privateKey,
        jwk: { ...publicKey.export({ format: "jwk" }), kid, alg: "EdDSA", use: "sig" } };
}

export function token(userId, seconds = 3600, { kid, privateKey } = first) {
    const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const exp = Math.floor(Date.now() / 1000) + seconds;
    const text = `${part({ alg: "EdDSA", kid })}.${part({ userId, exp })}`;
    return `${text}.${sign(null, Buffer.from(text), privateKey).toString("base64url")}`;
}

const answers = (port) => new Promise((resolve) => {
    const socket = connectTcp(port, "127.0.0.1", () => { socket.destroy(); resolve(true); });
    socket.on("error", () => resolve(false));
});

class Redis {
    constructor(port, folder) { Object.assign(this, { port, folder }); }
    async start() {
        this.process = spawn("redis-server", [
            "--port", `${this.port}`, "--bind", "127.0.0.1", "--dir", this.folder, "--save", "",
            "--appendonly", "yes", "--maxclients", "20000"], { stdio: "ignore" });
        this.ended = new Promise((resolve) => this.process.on("exit", resolve));
        await until(() => answers(this.port), "Redis answers");
    }
    async stop() {
        this.process.kill("SIGKILL");
        await this.ended;
    }
}

/// Two gateways, pod-a and pod-b, that pass polls on to each other; `settings` are for both.
export async function startPlatform(program, settings = {}) {
    const folder = mkdtempSync(join(tmpdir(), "platform-"));
    const redis = new Redis(await freePort(), folder);
    await redis.start();
    const jwks = join(folder, "jwks.json");
    writeFileSync(jwks, JSON.stringify({ keys: [first.jwk] }));
    const start = (name, more = { CHATFLOW_AUTH_JWKS_FILE: jwks }) => startGateway(program, {
        CHATFLOW_APPLICATION: "platform",
        CHATFLOW_POD_ID: name,
        CHATFLOW_REDIS_URL: `redis://127.0.0.1:${redis.port}`,
        CHATFLOW_LOG_LEVEL: "warning",
        CHATFLOW_SHUTDOWN_GRACE_SECONDS: "8",
        ...settings,
        ...more,
    });
    const gateways = [await start("pod-a"), await start("pod-b")];
    const stop = async () => {
        for (const gateway of gateways) await gateway.stop();
        await redis.stop();
        rmSync(folder, { recursive: true, force: true });
    };
    return { redis, gateways, start, stop };
}
