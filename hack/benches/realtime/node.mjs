// The peer: socket.io of npm with the events of our echo application that the load uses.
//   node node.mjs PORT
import { createRequire } from "node:module";

const require = createRequire(process.env.CHATFLOW_CLIENTS + "/package.json");
const { Server } = require("socket.io");

const server = new Server(Number(process.argv[2]), { transports: ["websocket"], serveClient: false });
server.on("connection", (socket) => {
    socket.emit("auth", {});
    socket.on("join", (room, answer) => {
        socket.join(room);
        answer();
    });
    socket.on("say", (room, value) => server.to(room).emit("said", value));
});
