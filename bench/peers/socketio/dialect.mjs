// What socketio/server.mjs and its clients say, in socket.io's protocol over a WebSocket from the start: "0" opens,
// "2" asks for a "3", "40" enters, and "42" holds an event. Objects are set by [id, fields] entries, and their author
// hears of it as everybody does. See ../dialects.mjs for what a dialect is.
import { MADE_AT, moveAt, numberedPlaceOf, placeOf, textOf } from "../content.mjs";
import { newKept } from "../kept.mjs";
import { frameOfText } from "../socket.mjs";

const OBJECT = "object-";
const STICKY = "sticky-";
const [OPEN, PING, MESSAGE, EVENT] = ["0", "2", "4", "2"].map((type) => type.charCodeAt(0));
const BOARD = '42["board",';
const NAME_AT = BOARD.indexOf("b");
const [BOARD_NAME] = [BOARD.charCodeAt(NAME_AT)];

const emitFrame = (...event) => frameOfText(`42${JSON.stringify(event)}`);
const setFrame = (entries) => emitFrame("set", entries);

function writer(index, count) {
  const id = OBJECT + index;
  const at = (move) => setFrame([[id, { pos: numberedPlaceOf(move) }]]);
  return { created: at(MADE_AT), moves: Array.from({ length: count }, (_, move) => at(move)) };
}

function stickyOf(number) {
  const fields = { kind: "sticky", pos: placeOf(number), size: [200, 200], colour: number % 8, order: `a${number}` };
  return [STICKY + number, { ...fields, text: textOf(number) }];
}

function fill(count, perMessage) {
  const frames = [];
  for (let made = 0; made < count; made += perMessage) {
    const length = Math.min(perMessage, count - made);
    frames.push(setFrame(Array.from({ length }, (_, at) => stickyOf(made + at))));
  }
  return { frames, last: count - 1 };
}

const eventOf = (bytes) => JSON.parse(bytes.subarray(2));

function told(bytes) {
  const [, entries] = eventOf(bytes);
  return entries.map(([id, { pos }]) => {
    if (id.startsWith(STICKY)) return (hear) => hear.filled(Number(id.slice(STICKY.length)));
    const index = Number(id.slice(OBJECT.length));
    const move = moveAt(pos[0]);
    return move === MADE_AT ? (hear) => hear.created(index) : (hear) => hear.moved(index, move, 1);
  });
}

const isEvent = (bytes, start) => bytes[start] === MESSAGE && bytes[start + 1] === EVENT;
const isBoard = (bytes, start) => isEvent(bytes, start) && bytes[start + NAME_AT] === BOARD_NAME;

function newBoard() {
  const moves = [];
  return {
    take(bytes, start, end) {
      if (!isBoard(bytes, start)) return false;
      for (const [id, { pos }] of eventOf(bytes.subarray(start, end))[1]) {
        if (id.startsWith(OBJECT)) moves[Number(id.slice(OBJECT.length))] = moveAt(pos[0]) + 1;
      }
      return true;
    },
    movesOf: (index) => moves[index] ?? 0,
  };
}

export function socketio(document) {
  const [enter, pong, join] = [frameOfText("40"), frameOfText("3"), emitFrame("join", document)];
  const decoded = newKept(told);
  return {
    path: () => "/socket.io/?EIO=4&transport=websocket",
    greetings: [],
    keepAlive: undefined, // the server asks
    writer,
    fill,
    read(bytes, start, end, hear) {
      if (isBoard(bytes, start)) hear.state();
      else if (isEvent(bytes, start)) for (const tell of decoded(bytes.subarray(start, end))) tell(hear);
      else if (bytes[start] === OPEN) hear.say(enter);
      else if (bytes[start] === PING) hear.say(pong);
      else if (bytes[start] === MESSAGE) hear.say(join); // "40": it let this client in
    },
    newBoard,
  };
}
