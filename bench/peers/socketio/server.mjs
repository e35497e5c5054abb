// A relay on 127.0.0.1 as socket.io's guides build one: who joins a room gets its objects, whatever is set is told to
// all of the room, and the objects are in a Map and nowhere else.
//
//   node server.mjs PORT
import { createServer } from "node:http";
import { Server } from "socket.io";

const rooms = new Map();

function roomOf(name) {
  if (!rooms.has(name)) rooms.set(name, new Map());
  return rooms.get(name);
}

const http = createServer();
const io = new Server(http);
io.on("connection", (socket) => {
  socket.on("join", (name) => {
    const objects = roomOf(name);
    socket.join(name);
    socket.emit("board", [...objects]);
    socket.on("set", (entries) => {
      for (const [id, fields] of entries) objects.set(id, { ...objects.get(id), ...fields });
      io.to(name).emit("set", entries);
    });
  });
});
http.listen(Number(process.argv[2]), "127.0.0.1");
