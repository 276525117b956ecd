// Node's BullMQ and chatflow-worker on the same queues of a real Redis: node interop.js PROGRAM
const http = require('node:http');
const {
    Queue, Worker, FlowProducer, assert, connection, ended, execFileSync, folder, fs, hear, main, modules, runOurs,
    sleep, startOurs, stop, until,
} = require('./harness.js');

// Left red, right blue: 400 x 200 that was held on its side, 400 x 200 of two frames, 8 x 4 of two frames.
const pictures = {
    'held.webp': 'UklGRmIAAABXRUJQVlA4WAoAAAAIAAAAjwEAxwAAVlA4TCIAAAAvj8ExAA8Q87//8x8OyKRt6t/03hoYjej/BMzHz3/5798ARVhJRhoAAABNTQAqAAAACAABARIAAwAAAAEABgAAAAAAAA==',
    'moves.webp': 'UklGRqAAAABXRUJQVlA4WAoAAAACAAAAjwEAxwAAQU5JTQYAAAD/////AABBTk1GOgAAAAAAAAAAAI8BAMcAAGQAAAJWUDhMIgAA'
        + 'AC+PwTEADxDzv//zHw7IpG3q3/TeGhiN6P8EzMfPf/nv3wBBTk1GMgAAAAAAAAAAAMcAAMcAAGQAAABWUDhMGgAAAC/HwDEABxDR//4HFKRtwNS//e5E9D+5/x4C',
    'moves.gif': 'R0lGODlhCAAEAPEAAAD/AP8AAAAA/wkJCSH5BAEKAAAALAAAAAAIAAQAAAIIjCMph8q6DiwAIfkEAQoAAAAsAQAAAAgABAAAAgiMIymHyroOLAA7',
};

// Of a JPEG's first frame header: [width, height].
function sizeOf(jpeg) {
    let at = 2;
    while (!(jpeg[at + 1] >= 0xc0 && jpeg[at + 1] <= 0xc2)) at += 2 + jpeg.readUInt16BE(at + 2);
    return [jpeg.readUInt16BE(at + 7), jpeg.readUInt16BE(at + 5)];
}

const cases = {
    async 'Node adds, we work, Node hears of it'() {
        const queue = new Queue('a', { connection });
        const events = await hear('a');
        const ours = await startOurs('a=echo');
        const heard = [];
        events.on('progress', ({ data }) => heard.push(data));
        const job = await queue.add('greet', { text: 'hello ☕', progress: 50, log: 'a line' });
        assert.deepEqual(await job.waitUntilFinished(events, 10000),
            { text: 'hello ☕', progress: 50, log: 'a line' });
        await until(() => heard.length > 0, 'the progress');
        assert.deepEqual(heard, [50]);
        const done = await queue.getJob(job.id);
        assert.equal(await done.getState(), 'completed');
        assert.equal(done.attemptsMade, 1);
        assert.equal(done.attemptsStarted, 1);
        assert.ok(done.finishedOn >= done.processedOn);
        assert.deepEqual((await queue.getJobLogs(job.id)).logs, ['"a line"']);
        await stop(ours);
        await events.close();
        await queue.close();
    },

    async 'We add, Node works'() {
        const queue = new Queue('b', { connection });
        const seen = [];
        const worker = new Worker('b', async (job) => { seen.push([job.name, job.data]); return job.data.n * 2; },
            { connection });
        const id = runOurs('add', 'b', 'twice', '{"n":21}', '--priority', '3').trim();
        const job = await ended(queue, id);
        assert.equal(job.returnvalue, 42);
        assert.equal(job.opts.priority, 3);
        assert.deepEqual(seen, [['twice', { n: 21 }]]);
        const later = runOurs('add', 'b', 'later', '{"n":1}', '--delay', '300').trim();
        await until(async () => (await queue.getJob(later)).isDelayed(), 'delayed');
        await until(async () => (await queue.getJob(later)).isCompleted(), 'completed later');
        await worker.close();
        await queue.close();
    },

    async 'Retries come after 1 s and 2 s, and then it has failed'() {
        const queue = new Queue('c', { connection });
        const events = await hear('c');
        const times = [];
        events.on('active', () => times.push(Date.now()));
        const ours = await startOurs('c=echo');
        const job = await queue.add('no', { fail: 'never works' },
            { attempts: 3, backoff: { type: 'exponential', delay: 1000 } });
        await assert.rejects(job.waitUntilFinished(events, 10000), /never works/);
        await until(() => times.length === 3, 'three attempts');
        const gaps = [times[1] - times[0], times[2] - times[1]];
        for (const [gap, wanted] of [[gaps[0], 1000], [gaps[1], 2000]]) {
            assert.ok(gap >= wanted - 20 && gap < wanted + 900, `gaps ${gaps}`);
        }
        const failed = await queue.getJob(job.id);
        assert.equal(await failed.getState(), 'failed');
        assert.equal(failed.attemptsMade, 3);
        assert.equal(failed.failedReason, 'never works');
        assert.equal(failed.stacktrace.length, 3);

        await failed.updateData({ ok: true });
        assert.match(runOurs('redrive', 'c'), /^1 failed jobs/);
        await until(async () => (await queue.getJob(job.id)).isCompleted(), 'redriven');
        await stop(ours);
        await events.close();
        await queue.close();
    },

    async 'Killed in mid-job: it runs once more'() {
        const queue = new Queue('d', { connection });
        const quick = { CHATFLOW_LOCK_SECONDS: '1', CHATFLOW_STALLED_SECONDS: '1' };
        const first = await startOurs('d=echo', quick);
        const job = await queue.add('long', { sleepMs: 2500 });
        await until(async () => (await queue.getActiveCount()) === 1, 'active');
        first.kill('SIGKILL');
        await first.ended;
        const second = await startOurs('d=echo', quick);
        const done = await ended(queue, job.id);
        assert.equal(done.attemptsStarted, 2);
        assert.equal(done.attemptsMade, 1);
        assert.equal(done.stalledCounter, 1);
        await stop(second);
        await queue.close();
    },

    async 'A worker that stops hands its jobs back'() {
        const queue = new Queue('e', { connection });
        const first = await startOurs('e=echo', { CHATFLOW_SHUTDOWN_GRACE_SECONDS: '2' });
        const job = await queue.add('long', { sleepMs: 4000 });
        await until(async () => (await queue.getActiveCount()) === 1, 'active');
        await stop(first);
        assert.equal(await (await queue.getJob(job.id)).getState(), 'waiting');
        let ran = 0;
        const worker = new Worker('e', async () => { ran += 1; }, { connection });
        await until(async () => (await queue.getJob(job.id)).isCompleted(), 'completed by Node');
        assert.equal(ran, 1);
        await worker.close();
        await queue.close();
    },

    async 'A worker that stops while jobs come in leaves none behind'() {
        const queue = new Queue('e2', { connection });
        for (let round = 0; round < 6; round += 1) {
            const ours = await startOurs('e2=echo');
            const adding = queue.addBulk(Array.from({ length: 200 }, () => ({ name: 'x', data: { sleepMs: 20 } })));
            if (round > 0) await sleep(3 * round);
            await stop(ours);
            await adding;
            assert.equal(await queue.getActiveCount(), 0);
            await queue.drain();
        }
        await queue.close();
    },

    async 'Short jobs that were fetched ahead do not wait behind a long one'() {
        const queue = new Queue('e3', { connection });
        const ours = await startOurs('e3=echo', { CHATFLOW_CONCURRENCY: '1' });
        await queue.addBulk(Array.from({ length: 100 }, () => ({ name: 'x', data: {} })));  // it sees that they are short
        await until(async () => (await queue.getCompletedCount()) === 100, 'the first ones');
        const [long, ...short] = await queue.addBulk([{ sleepMs: 60000 }, ...Array(30).fill({})]
            .map((data) => ({ name: 'x', data })));
        await until(async () => (await queue.getActiveCount()) > 0, 'the long one');
        const worker = new Worker('e3', async () => null, { connection });
        await until(async () => (await queue.getCompletedCount()) === 130, 'the short ones');
        assert.equal(await long.getState(), 'active');
        for (const job of short) assert.equal((await queue.getJob(job.id)).attemptsStarted, 1);
        await worker.close();
        ours.kill('SIGKILL');
        await queue.close();
    },

    async 'Both work on one queue: nothing is lost, nothing is done twice'() {
        const queue = new Queue('f', { connection });
        const events = await hear('f');
        const finished = new Map();
        events.on('completed', ({ jobId }) => finished.set(jobId, (finished.get(jobId) ?? 0) + 1));
        const ours = await startOurs('f=echo');
        let theirs = 0;
        const worker = new Worker('f', async () => { theirs += 1; }, { connection, concurrency: 10 });
        const count = 2000;
        for (let at = 0; at < count; at += 100) {
            await queue.addBulk(Array.from({ length: 100 }, (_, i) => ({
                name: 'x', data: { sleepMs: (at + i) % 5 }, opts: i % 10 === 0 ? { priority: 1 + (i % 3) } : {},
            })));
        }
        await until(async () => (await queue.getCompletedCount()) === count, 'all completed', 30000);
        await until(() => finished.size === count, 'all events');
        assert.ok([...finished.values()].every((times) => times === 1));
        const made = await queue.getJobs(['completed'], 0, count);
        assert.ok(made.every((job) => job.attemptsStarted === 1));
        assert.ok(theirs > 0 && theirs < count, `Node did ${theirs}`);
        assert.equal(await queue.getActiveCount(), 0);
        await worker.close();
        await stop(ours);
        await events.close();
        await queue.close();
    },

    async 'Pause, global concurrency, rate limit, removal, priorities'() {
        const queue = new Queue('g', { connection });
        await queue.pause();
        const ours = await startOurs('g=echo');
        const order = [];
        const events = await hear('g');
        events.on('active', ({ jobId }) => order.push(jobId));
        await queue.setGlobalConcurrency(1);
        for (const [jobId, priority] of [['low', 9], ['high', 1], ['middle', 5]]) {
            await queue.add('p', {}, { jobId, priority });
        }
        await queue.add('p', {}, { jobId: 'none', removeOnComplete: true });
        await sleep(300);
        assert.deepEqual(order, []);
        await queue.resume();
        await until(() => order.length === 4, 'all four');
        assert.deepEqual(order, ['none', 'high', 'middle', 'low']);
        await until(async () => (await queue.getCompletedCount()) === 3, 'completed');
        assert.equal(await queue.getJob('none'), undefined);

        await queue.removeGlobalConcurrency();
        await queue.setGlobalRateLimit(2, 400);
        const began = Date.now();
        await queue.addBulk(Array.from({ length: 6 }, () => ({ name: 'r', data: {} })));
        await until(async () => (await queue.getCompletedCount()) === 9, 'the limited ones');
        assert.ok(Date.now() - began >= 750, `after ${Date.now() - began} ms`);
        await stop(ours);
        await events.close();
        await queue.close();
    },

    async 'Schedulers: each job makes the next, by whoever runs it'() {
        const queue = new Queue('h', { connection });
        const ours = await startOurs('h=echo');
        await queue.upsertJobScheduler('often', { every: 300 }, { name: 'tick', data: { n: 1 } });
        await queue.upsertJobScheduler('cron', { pattern: '* * * * * *', tz: 'Europe/Berlin', limit: 2 }, { name: 'tock' });
        const done = async (name) => (await queue.getJobs(['completed'])).filter((job) => job.name === name);
        await until(async () => (await done('tick')).length >= 9 && (await done('tock')).length === 2, 'jobs');
        const ticks = (await done('tick')).map((job) => Number(job.id.split(':')[2])).sort();
        // A slot that a slow machine missed is left out; none comes twice or in between.
        assert.ok(ticks.every((at, i) => i === 0 || (at > ticks[i - 1] && (at - ticks[i - 1]) % 300 === 0)), `${ticks}`);
        assert.equal(await queue.removeJobScheduler('often'), true);
        await sleep(500);
        assert.equal(await queue.getDelayedCount(), 0);
        await stop(ours);
        await queue.close();
    },

    async 'Flows and deduplication'() {
        const queue = new Queue('i', { connection });
        const flows = new FlowProducer({ connection });
        const ours = await startOurs('i=echo');
        const child = (data, opts) => ({ name: 'child', queueName: 'i', data, opts });
        const good = await flows.add({ name: 'parent', queueName: 'i', data: { is: 'parent' },
            children: [child({ n: 1 }), child({ n: 2 }), child({ fail: 'x' }, { ignoreDependencyOnFailure: true })] });
        await until(async () => (await queue.getJob(good.job.id)).isCompleted(), 'the parent');
        const values = Object.values(await (await queue.getJob(good.job.id)).getChildrenValues());
        assert.deepEqual(values.map((value) => value.n).sort(), [1, 2]);
        const bad = await flows.add({ name: 'parent', queueName: 'i', data: {},
            children: [child({ fail: 'y' }, { failParentOnFailure: true })] });
        const failed = await ended(queue, bad.job.id);
        assert.match(failed.failedReason, /child bull:i:.* failed/);

        const one = await queue.add('once', { sleepMs: 300 }, { deduplication: { id: 'same' } });
        const two = await queue.add('once', {}, { deduplication: { id: 'same' } });
        assert.equal(two.id, one.id);
        await until(async () => (await queue.getJob(one.id)).isCompleted(), 'the first');
        const three = await queue.add('once', {}, { deduplication: { id: 'same' } });
        assert.notEqual(three.id, one.id);
        await stop(ours);
        await flows.close();
        await queue.close();
    },

    async 'A dashboard lists us and our jobs'() {
        const { createBullBoard } = require(modules + '@bull-board/api');
        const { BullMQAdapter } = require(modules + '@bull-board/api/bullMQAdapter');
        const queue = new Queue('j', { connection });
        const ours = await startOurs('j=echo', { CHATFLOW_WORKER_NAME: 'pod-7' });
        assert.ok(ours.readyAfter < 1000, `ready after ${ours.readyAfter} ms`);
        await queue.add('x', {});
        const adapter = new BullMQAdapter(queue);
        const board = { setQueues() { return board; }, setViewsPath() { return board; }, setStaticPath() { return board; },
                        setEntryRoute() { return board; }, setErrorHandler() { return board; },
                        setApiRoutes() { return board; }, setUIConfig() { return board; } };
        createBullBoard({ queues: [adapter], serverAdapter: board });
        await until(async () => (await adapter.getJobCounts()).completed === 1, 'counted');
        assert.equal((await adapter.getJobs(['completed']))[0].name, 'x');
        const workers = await until(async () => {
            const list = await queue.getWorkers();
            return list.length > 0 && list;
        }, 'listed');
        assert.match(workers[0].rawname, /:w:pod-7$/);
        const text = await (await ours.get('/metrics')).text();
        assert.match(text, /chatflow_worker_jobs_total\{outcome="completed",queue="j"\} 1/);
        assert.match(text, /chatflow_worker_queue_oldest_seconds\{queue="j"\} 0/);
        await stop(ours);
        await queue.close();
    },

    async 'A team\'s own service does the jobs; what fails for good goes to people'() {
        const calls = [];
        const server = http.createServer((request, response) => {
            let body = '';
            request.on('data', (part) => { body += part; });
            request.on('end', () => {
                const job = JSON.parse(body);
                calls.push({ job, headers: request.headers, body });
                if (job.data.status === 503 && job.attempt > 1) job.data.status = 200;
                response.writeHead(job.data.status ?? 200, { 'content-type': 'application/json' });
                response.end(JSON.stringify({ did: job.name }));
            });
        }).listen(0, '127.0.0.1');
        await until(() => server.address(), 'server');
        fs.writeFileSync(folder + '/secret', 'shh\n');
        fs.writeFileSync(folder + '/worker.yaml', `queues:
  payments:
    processor: http://127.0.0.1:${server.address().port}/jobs
    secret_file: ${folder}/secret
    review_queue: payments-review
`);
        const ours = await startOurs('', { CHATFLOW_QUEUES: undefined, CHATFLOW_CONFIG: folder + '/worker.yaml' });
        const queue = new Queue('payments', { connection });
        const review = new Queue('payments-review', { connection });
        const parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
        const fine = await queue.add('charge', { status: 503, traceparent: parent }, { attempts: 3, backoff: 100 });
        await until(async () => (await queue.getJob(fine.id)).isCompleted(), 'charged');
        assert.deepEqual((await queue.getJob(fine.id)).returnvalue, { did: 'charge' });
        assert.match(calls[0].headers.traceparent, /^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/);
        assert.notEqual(calls[0].headers.traceparent, parent);
        const [, time, sum] = calls[0].headers['x-chatflow-signature'].match(/^t=(\d+),v1=([0-9a-f]{64})$/);
        const { createHmac } = require('node:crypto');
        assert.equal(sum, createHmac('sha256', 'shh').update(`${time}.${calls[0].body}`).digest('hex'));
        const refused = await queue.add('charge', { status: 402 }, { attempts: 5 });
        await until(async () => (await queue.getJob(refused.id)).isFailed(), 'refused');
        assert.equal((await queue.getJob(refused.id)).attemptsMade, 1);
        const [item] = await review.getJobs(['waiting']);
        assert.equal(item.data.id, refused.id);
        assert.match(item.data.reason, /402/);
        await stop(ours);
        server.close();
        await queue.close();
        await review.close();
    },

    async 'Pictures become small; hostile ones are refused'() {
        const queue = new Queue('media', { connection });
        const ours = await startOurs('media=thumbnail');
        execFileSync('python3', ['-c', `
import struct, sys, zlib
def png(width, height, rows):
    def chunk(kind, data):
        return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))
    return (b'\\x89PNG\\r\\n\\x1a\\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', width, height, 8, 2, 0, 0, 0))
            + chunk(b'IDAT', zlib.compress(rows)) + chunk(b'IEND', b''))
row = b'\\0' + b'\\xff\\0\\0' * 400
open('good.png', 'wb').write(png(400, 200, row * 200))
open('bomb.png', 'wb').write(png(60000, 60000, b'\\0' * 1000))
open('cut.png', 'wb').write(png(400, 200, row * 200)[:120])
open('text.jpg', 'wb').write(b'<script>alert(1)</script>')
`], { cwd: folder });
        const run = async (data) => {
            const job = await queue.add('small', data, { attempts: 1 });
            return ended(queue, job.id, 60000);
        };
        const good = await run({ source: 'good.png', sizes: [64] });
        assert.deepEqual(good.returnvalue, { files: ['good.64.jpg'] });
        const small = fs.readFileSync(folder + '/good.64.jpg');
        assert.equal(small.readUInt16BE(0), 0xffd8);
        assert.equal(small.indexOf('Exif'), -1);
        for (const [name, base64] of Object.entries(pictures)) {
            fs.writeFileSync(`${folder}/${name}`, Buffer.from(base64, 'base64'));
        }
        for (const [name, ...size] of [['held.webp', 32, 64], ['moves.webp', 64, 32], ['moves.gif', 8, 4]]) {
            const made = await run({ source: name, sizes: [64] });
            assert.deepEqual(made.returnvalue, { files: [name.replace(/[a-z]+$/, '64.jpg')] });
            const jpeg = fs.readFileSync(`${folder}/${made.returnvalue.files[0]}`);
            assert.deepEqual(sizeOf(jpeg), size);
            assert.equal(jpeg.indexOf('Exif'), -1);
        }
        for (const name of ['held.webp', 'moves.webp', 'moves.gif']) {
            const bytes = fs.readFileSync(`${folder}/${name}`);
            fs.writeFileSync(`${folder}/cut-${name}`, bytes.subarray(0, Math.min(bytes.length / 2, 60)));
            assert.match((await run({ source: `cut-${name}` })).failedReason, /cut off|damaged/);
        }
        assert.match((await run({ source: 'bomb.png' })).failedReason, /60000 x 60000 pixels/);
        assert.match((await run({ source: 'cut.png' })).failedReason, /damaged/);
        assert.match((await run({ source: 'text.jpg' })).failedReason, /no JPEG/);
        assert.match((await run({ source: '../../etc/passwd' })).failedReason, /within the media folder/);
        assert.ok((await ours.get('/health/ready')).ok);
        await stop(ours);
        await queue.close();
    },
};

main(cases);
