// How each server is spoken to. A dialect of a document is:
//
//   path()                   where the next connection goes
//   greetings                frames that are said as soon as it is open
//   keepAlive                { frame, everyMs }, where a server drops who is silent
//   writer(index, count)     { created, moves }: frames that make an object and move it so often, encoded before the
//                            clock runs. Nobody else touches the object, so no writer needs to have read the others.
//   fill(count, perMessage)  { frames, last }: frames that make stickies, and what `filled` tells when all are there
//   read(bytes, start, end, hear)
//                            tells `hear` what one message brings: state() is the board, the answer to who came;
//                            created(writer), moved(writer, first, count) and filled(upTo) are changes; say(frame) is
//                            what the server waits for. `hear.writer` is whose connection it is: their number.
//   newBoard()               { take(bytes, start, end), movesOf(writer) }: reads the same messages into a board, and
//                            says whether one held any of it, and how many of a writer's moves are in it.
//
// Not here: sockets (socket.mjs), times and counts (load.mjs).
import { socketio } from "./socketio/dialect.mjs";
import { tldraw } from "./tldraw/dialect.mjs";
import { hocuspocus, yWebsocket } from "./yjs/dialect.mjs";

export const dialects = { "y-websocket": yWebsocket, hocuspocus, tldraw, "tldraw-wal": tldraw, "socket.io": socketio };
