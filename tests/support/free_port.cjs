// A port that nobody listens on, for servers of the tests that are told their port. Outside of the
// kernel's range for outgoing connections, one of which could take it before the server does, and of
// the range of free_port.cpp. Two processes hit the same one by chance once in ten thousand times.
const net = require('net');

const FIRST = 20000;
const COUNT = 10000;

function freePort() {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    return new Promise((resolve) => {
        const server = net.createServer();
        server.once('error', () => resolve(freePort()));
        server.listen(port, '127.0.0.1', () => server.close(() => resolve(port)));
    });
}

module.exports = { freePort };
