// Node's BullMQ, for hack/bench jobs: node bullmq.js work PORT CONCURRENCY | add PORT COUNT RATE
const { Queue, Worker } = require(process.env.CHATFLOW_CLIENTS + '/node_modules/bullmq');

const [, , what, port, first, second] = process.argv;
const connection = { host: '127.0.0.1', port: Number(port), maxRetriesPerRequest: null };

async function add(count, rate) {
    const queue = new Queue('bench', { connection });
    await queue.waitUntilReady();
    if (rate === 0) {  // as fast as it goes
        for (let at = 0; at < count; at += 1000) {
            await queue.addBulk(Array.from({ length: Math.min(1000, count - at) }, () => ({ name: 'x', data: {} })));
        }
    } else {
        const began = Date.now();
        const pending = [];
        for (let added = 0; added < count;) {
            const due = Math.min(count, Math.floor((Date.now() - began) * rate / 1000));
            for (; added < due; added += 1) pending.push(queue.add('x', {}));
            await new Promise((resolve) => setTimeout(resolve, 1));
        }
        await Promise.all(pending);
    }
    await queue.close();
}

if (what === 'add') {
    add(Number(first), Number(second)).then(() => process.exit(0));
} else {
    new Worker('bench', async () => null, { connection, concurrency: Number(first) });
}
