// The queues of the platform, each with a real job: node processors.js PROGRAM
const http = require('node:http');
const {
    Queue, assert, connection, ended, execFileSync, folder, freePort, fs, main, spawn, started, startOurs, stop, until,
} = require('./harness.js');

const room = '01890a5d-ac96-774b-bcce-b302099a8057';
const user = '01890a5d-ac96-774b-bcce-b302099a8058';

// Whatever is posted, and an answer that the path names: /402?code=stolen_card
async function service() {
    const calls = [];
    const server = http.createServer((request, response) => {
        let body = '';
        request.on('data', (part) => { body += part; });
        request.on('end', () => {
            const url = new URL(request.url, 'http://here');
            calls.push({ path: url.pathname, body: JSON.parse(body), headers: request.headers });
            response.writeHead(Number(url.pathname.slice(1)) || 200, { 'content-type': 'application/json' });
            response.end(JSON.stringify({ status: 'ok', code: url.searchParams.get('code') }));
        });
    }).listen(0, '127.0.0.1');
    await until(() => server.address(), 'the service');
    return { calls, url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

// A PostgreSQL with the tables of chat-server that the worker reads.
async function startPostgres() {
    const programs = '/usr/lib/postgresql/17/bin/';
    const port = await freePort();
    const data = fs.mkdtempSync('/tmp/worker-postgres-');
    let as = [];
    if (process.getuid() === 0) {  // PostgreSQL does not run as root
        as = ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups'];
        execFileSync('chown', ['postgres:postgres', data]);
    }
    const run = (...words) => execFileSync([...as, ...words][0], [...as, ...words].slice(1)).toString();
    run(programs + 'initdb', '-D', data + '/data', '-U', 'chatflow', '-A', 'trust', '-E', 'UTF8', '--no-sync');
    const words = [...as, programs + 'postgres', '-D', data + '/data', '-p', String(port), '-c', 'fsync=off',
                   '-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories=' + data];
    const server = spawn(words[0], words.slice(1), { stdio: 'ignore' });
    started.add(server);
    const sql = (text) => execFileSync(programs + 'psql',
        ['-h', '127.0.0.1', '-p', port, '-U', 'chatflow', '-d', 'postgres', '-qtA', '-v', 'ON_ERROR_STOP=1', '-c', text],
        { stdio: ['ignore', 'pipe', 'ignore'] }).toString().trim();
    await until(() => { try { return sql('select 1') === '1'; } catch { return false; } }, 'PostgreSQL', 30000);
    sql(`CREATE TABLE messages (room_id uuid, seq bigint, id uuid, sender text, body text,
             created_at timestamptz, PRIMARY KEY (room_id, seq));
         CREATE TABLE room_members (room_id uuid, user_id uuid, last_read_seq bigint);
         INSERT INTO messages SELECT '${room}', n, gen_random_uuid(), 'u' || n % 2, 'text ' || n,
             '2026-11-21T08:00:00Z' FROM generate_series(1, 2500) n;
         INSERT INTO room_members VALUES ('${room}', '${user}', 7)`);
    const settings = { CHATFLOW_POSTGRES_HOST: '127.0.0.1', CHATFLOW_POSTGRES_PORT: String(port),
                       CHATFLOW_POSTGRES_DATABASE: 'postgres', CHATFLOW_POSTGRES_USER: 'chatflow' };
    return { sql, settings, close: () => { server.kill('SIGINT'); fs.rmSync(data, { recursive: true, force: true }); } };
}

const cases = {
    async 'Messages become a file, audits become rows, and what was read is not told again'() {
        const postgres = await startPostgres();
        const ours = await startOurs('exports=exports audits=audits notifications=notifications',
            { ...postgres.settings, CHATFLOW_EXPORT_FOLDER: folder + '/exports' });
        const exports = new Queue('exports', { connection });
        const whole = await ended(exports, (await exports.add('room', { roomId: room })).id);
        assert.equal(whole.returnvalue?.messages, 2500, whole.failedReason);
        assert.equal(whole.progress, 100);
        const lines = fs.readFileSync(`${folder}/exports/${whole.returnvalue.file}`, 'utf8').trim().split('\n').map(JSON.parse);
        assert.deepEqual(lines.map((line) => line.seq), Array.from({ length: 2500 }, (_, i) => i + 1));
        assert.equal(lines[0].body, 'text 1');
        assert.equal(lines[0].createdAt, '2026-11-21T08:00:00.000Z');
        const own = await ended(exports, (await exports.add('user', { userId: 'u1' })).id);
        assert.equal(own.returnvalue.messages, 1250);
        assert.match((await ended(exports, (await exports.add('room', { roomId: '../x' })).id)).failedReason, /roomId: must be a UUID/);

        const audits = new Queue('audits', { connection });
        const audit = await ended(audits, (await audits.add('x', { actor: 'ada', action: 'ban', target: 'bob', details: { why: 'spam' } })).id);
        assert.equal(audit.failedReason, undefined);
        assert.equal(postgres.sql("SELECT actor, action, target, details->>'why' FROM audit_log"), 'ada|ban|bob|spam');
        assert.match((await ended(audits, (await audits.add('x', { actor: 'ada' })).id)).failedReason, /action/);

        const notifications = new Queue('notifications', { connection });
        const tell = async (seq) => ended(notifications, (await notifications.add('x',
            { userId: user, title: 'New message', roomId: room, seq })).id);
        assert.deepEqual((await tell(7)).returnvalue, { cancelled: 'read' });
        assert.deepEqual((await tell(8)).returnvalue, { delivered: ['in-app'] });
        await stop(ours);
        postgres.close();
        await Promise.all([exports.close(), audits.close(), notifications.close()]);
    },

    async 'A notification goes out by each channel once, though one fails at first'() {
        const { calls, url, close } = await service();
        const ours = await startOurs('notes=notifications', { CHATFLOW_EMAIL_URL: url + '/200' });
        const queue = new Queue('notes', { connection });
        const channels = [{ type: 'webhook', url: url + '/503' }, { type: 'email', to: 'ada@example.com' }, { type: 'in-app' }];
        const job = await queue.add('x', { userId: 'ada', title: 'Hello', text: 'there', channels }, { attempts: 2, backoff: 50 });
        const failed = await ended(queue, job.id);
        assert.match(failed.failedReason, /the webhook answered 503/);
        assert.deepEqual(calls.map((call) => call.path), ['/503', '/200', '/503']);
        assert.deepEqual(calls[1].body, { to: 'ada@example.com', subject: 'Hello', text: 'there' });
        assert.equal(calls[0].headers['idempotency-key'], calls[2].headers['idempotency-key']);
        assert.deepEqual(failed.progress, { delivered: ['email:ada@example.com', 'in-app'] });
        assert.equal(execFileSync('redis-cli', ['-p', connection.port, 'xlen', '{rt0}:log:user:ada']).toString().trim(), '1');
        await stop(ours);
        close();
        await queue.close();
    },

    async 'A workflow goes on where it was, after a delay and after its worker was killed'() {
        const { calls, url, close } = await service();
        const queues = 'workflow-executions=workflows notifications=notifications';
        const settings = { CHATFLOW_LOCK_SECONDS: '1', CHATFLOW_STALLED_SECONDS: '1' };
        const first = await startOurs(queues, settings);
        const queue = new Queue('workflow-executions', { connection });
        execFileSync('redis-cli', ['-p', connection.port, 'hset', 'bull:workflows', 'welcome', JSON.stringify({ steps: [
            { name: 'charge', type: 'webhook', url: url + '/200', body: { amount: '{{input.amount}}' } },
            { name: 'paid', type: 'condition', path: 'steps.charge.status', is: 'equals', value: 'ok' },
            { name: 'pause', type: 'delay', milliseconds: 1500 },
            { name: 'ship', type: 'webhook', url: url + '/201' },
            { name: 'tell', type: 'notification', body: { userId: '{{input.user}}', title: 'On its way' } },
        ] })]);
        const job = await queue.add('x', { workflow: 'welcome', input: { amount: 12, user: 'ada' } });
        await until(async () => (await queue.getJob(job.id)).progress?.next === 2, 'the delay');
        first.kill('SIGKILL');
        await first.ended;
        const second = await startOurs(queues, settings);
        const done = await ended(queue, job.id, 20000);
        assert.equal(done.failedReason, undefined);
        assert.deepEqual(done.returnvalue.steps.map((step) => step.state), Array(5).fill('done'));
        assert.equal(done.attemptsMade, 1);
        assert.deepEqual(calls.map((call) => call.path), ['/200', '/201']);
        assert.deepEqual(calls[0].body, { step: 'charge', input: { amount: 12, user: 'ada' }, body: { amount: 12 } });
        const notifications = new Queue('notifications', { connection });
        const told = await until(async () => (await notifications.getJobs(['completed']))
            .find((other) => other.id.startsWith('workflow-executions-')), 'the notification');
        assert.equal(told.data.title, 'On its way');
        const wrong = await queue.add('x', { workflow: 'unheard-of' });
        assert.match((await ended(queue, wrong.id)).failedReason, /there is no workflow unheard-of/);
        await stop(second);
        close();
        await Promise.all([queue.close(), notifications.close()]);
    },

    async 'A payment is tried again, or goes to people, as the refusal says'() {
        const { calls, url, close } = await service();
        const run = async (path, attempts) => {
            const name = 'pay' + path.replace(/\W/g, '');
            const ours = await startOurs(`${name}=payments:${url}${path}`);
            const queue = new Queue(name, { connection });
            const review = new Queue(name + '-review', { connection });
            const job = await ended(queue, (await queue.add('charge', { amount: 12 }, { attempts, backoff: 20 })).id);
            const items = await review.getJobs(['waiting']);
            await stop(ours);
            await Promise.all([queue.close(), review.close()]);
            return { job, items };
        };
        const fine = await run('/200', 3);
        assert.deepEqual(fine.job.returnvalue, { status: 'ok', code: null });
        assert.equal(fine.items.length, 0);
        const stolen = await run('/402?code=stolen_card', 3);
        assert.equal(stolen.job.attemptsMade, 1);
        assert.match(stolen.items[0].data.reason, /402: stolen_card/);
        const empty = await run('/402?code=insufficient_funds', 3);
        assert.equal(empty.job.attemptsMade, 3);
        assert.equal(empty.items.length, 1);
        assert.equal(new Set(calls.slice(-3).map((call) => call.headers['idempotency-key'])).size, 1);
        close();
    },

    async 'A service that keeps failing is left alone'() {
        const { calls, url, close } = await service();
        const ours = await startOurs(`down=${url}/503`, { CHATFLOW_CONCURRENCY: '1' });
        const queue = new Queue('down', { connection });
        const jobs = await queue.addBulk(Array.from({ length: 9 }, () => ({ name: 'x', data: {} })));
        const reasons = [];
        for (const job of jobs) reasons.push((await ended(queue, job.id)).failedReason);
        assert.equal(calls.length, 5);
        assert.match(reasons[8], /has failed 5 times in a row; it is left alone for/);
        await stop(ours);
        close();
        await queue.close();
    },
};

main(cases);
