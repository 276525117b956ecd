// Starts Redis, our program, and the cases: node FILE PROGRAM [part of a case's name]
// Prints one line per case and ends with 1 when one fails.
const { spawn, execFileSync } = require('node:child_process');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');

const { freePort } = require('../../support/free_port.cjs');

const modules = process.env.CHATFLOW_CLIENTS + '/node_modules/';
const bullmq = require(modules + 'bullmq');
const program = process.argv[2];
const only = process.argv[3];
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'interop-'));
const started = new Set();
const connection = { host: '127.0.0.1', maxRetriesPerRequest: null };

const sleep = (time) => new Promise((resolve) => setTimeout(resolve, time));

async function until(holds, what, limit = 15000) {
    const end = Date.now() + limit;
    for (;;) {
        const value = await holds();
        if (value) return value;
        if (Date.now() > end) throw new Error('never came: ' + what);
        await sleep(20);
    }
}

// The job as it stands once it has ended, completed or failed.
async function ended(queue, id, limit) {
    await until(async () => ['completed', 'failed'].includes(await (await queue.getJob(id)).getState()),
        `the end of ${id}`, limit);
    return queue.getJob(id);
}

// All events of a queue, from the first: that it is ready says that it is connected, not that it hears already.
async function hear(queue) {
    const events = new bullmq.QueueEvents(queue, { connection, lastEventId: '0' });
    await events.waitUntilReady();
    return events;
}

async function startRedis() {
    connection.port = await freePort();
    const server = spawn('redis-server', ['--port', connection.port, '--bind', '127.0.0.1', '--save', '', '--dir', folder]);
    started.add(server);
    await until(() => new Promise((resolve) => {
        const socket = net.connect(connection.port, '127.0.0.1', () => { socket.destroy(); resolve(true); });
        socket.on('error', () => resolve(false));
    }), 'Redis');
}

// Our program; resolves when it is ready.
async function startOurs(queues, settings = {}) {
    const http_port = await freePort();
    const child = spawn(program, [], {
        env: { CHATFLOW_REDIS_URL: `redis://127.0.0.1:${connection.port}`, CHATFLOW_QUEUES: queues,
               CHATFLOW_HTTP_ADDRESS: `127.0.0.1:${http_port}`, CHATFLOW_MEDIA_FOLDER: folder,
               CHATFLOW_LOG_LEVEL: 'warning', ...settings },
        stdio: ['ignore', process.env.SHOW ? 'inherit' : 'ignore', 'inherit'],
    });
    started.add(child);
    child.ended = new Promise((resolve) => child.on('exit', (code, signal) => {
        started.delete(child);
        resolve(code ?? signal);
    }));
    child.get = async (route) => fetch(`http://127.0.0.1:${http_port}${route}`);
    const began = Date.now();
    await until(async () => (await child.get('/health/ready').catch(() => ({ ok: false }))).ok, 'ready');
    child.readyAfter = Date.now() - began;
    return child;
}

async function stop(child) {
    child.kill('SIGTERM');
    assert.equal(await child.ended, 0);
}

function runOurs(...words) {
    return execFileSync(program, words, {
        env: { CHATFLOW_REDIS_URL: `redis://127.0.0.1:${connection.port}`, CHATFLOW_QUEUES: 'any=echo' },
    }).toString();
}

async function main(cases) {
    await startRedis();
    let failures = 0;
    for (const [name, run] of Object.entries(cases)) {
        if (only && !name.includes(only)) continue;
        const began = Date.now();
        try {
            await run();
            console.log(`ok   ${name} (${Date.now() - began} ms)`);
        } catch (error) {
            failures += 1;
            console.log(`FAIL ${name}\n${error.stack}`);
        }
    }
    for (const child of started) child.kill('SIGKILL');
    fs.rmSync(folder, { recursive: true, force: true });
    process.exit(failures ? 1 : 0);
}

module.exports = {
    ...bullmq, assert, connection, ended, folder, freePort, fs, hear, main, modules, program, runOurs, sleep, started,
    startOurs, stop, until, spawn, execFileSync,
};
