// A store that speaks S3, by TLS alone: node object_store.js FOLDER PORT KEY CERTIFICATE BUCKET
const fs = require('fs');
const S3rver = require('s3rver');

const [directory, port, key, cert, bucket] = process.argv.slice(2);
new S3rver({
    address: '127.0.0.1',
    port: Number(port),
    directory,
    key: fs.readFileSync(key),
    cert: fs.readFileSync(cert),
    vhostBuckets: false,
    silent: true,
    configureBuckets: [{ name: bucket }],
}).run();
