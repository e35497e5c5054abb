// The kinds of hostile clients: what each does, and how a good server ends it. `end` is how each of them has to end:
// { http } for an answer's status, { code, close } for ERROR's code and the close frame's status, {} when it reads
// neither, null for who is held back instead of refused. `counter` is the metric that has to have risen, by `least(n)`
// for n clients. `arrivals`: how often each comes, if more than once.

import { randomBytes } from "node:crypto";
import { trackKinds } from "./kinds_tracks.mjs";
import { sleep } from "./stage.mjs";
import { FIN, frame, frameHeader, message, Op, pack, Raw, request, Wire } from "./wire.mjs";

const each = (n) => n;

const PRESENCE = 12;
const PING = 13;
const BATCH = 6;

/** Create a sticky here, as [0, kind, {1: [x, y]}]. */
const sticky = (x, y) => new Raw(Buffer.concat([Buffer.from([0x93, 0, 3, 0x81, 1]), pack([x, y])]));

/** A sticky with a field that nobody knows, of 60 KB that do not compress. */
const padded = () =>
  new Raw(Buffer.concat([Buffer.from([0x93, 0, 3, 0x81, 0xcd, 3, 231]), pack(randomBytes(60_000))]));

const batch = (wire, ctr, op) => message(BATCH, 0, [wire.welcome.replica, ctr, ctr + 100, [op]]);

/** Repeats until the socket or the play is over; `ms` apart. */
async function repeat(wire, stage, ms, act) {
  while (!wire.ended && !stage.over) {
    act();
    await sleep(ms);
  }
}

async function joined(stage, role = "editor") {
  const { ticket } = await stage.ticket(role);
  const wire = new Wire(stage.server);
  await wire.join(ticket);
  return wire;
}

/** Joins and says bytes that are no message. */
const saying = (bytes) => async (stage) => {
  const wire = await joined(stage);
  wire.write(frame(FIN | Op.BINARY, bytes));
  return wire;
};

const upgraded = async (stage) => {
  const wire = new Wire(stage.server);
  await wire.upgrade();
  return wire;
};

const MALFORMED = { code: "malformed", close: 1002 };
const TOO_BIG = { code: "too_big", close: 1009 };
const ORIGINS = ["http://evil.example", "null", "file://", "http://board.example.evil"];

export const kinds = {
  slow_headers: {
    end: { http: 408 },
    counter: "refused_slow_total",
    least: each,
    async play(stage) {
      const wire = new Wire(stage.server);
      wire.write("GET / HTTP/1.1\r\nHost: board.example\r\n");
      void repeat(wire, stage, 300, () => wire.write("X-More: to come\r\n"));
      return wire;
    },
  },
  slow_bodies: {
    end: { http: 408 },
    counter: "refused_slow_total",
    least: each,
    async play(stage) {
      const wire = new Wire(stage.server);
      wire.write("POST /api/boards HTTP/1.1\r\nHost: board.example\r\nContent-Length: 60000\r\n\r\n");
      void repeat(wire, stage, 300, () => wire.write(" "));
      return wire;
    },
  },
  fragment_floods: {
    end: TOO_BIG,
    counter: "refused_fragments_total",
    least: each,
    async play(stage) {
      const wire = await upgraded(stage);
      wire.write(frame(Op.BINARY, Buffer.from("x")));
      void repeat(wire, stage, 1, () => wire.write(frame(Op.CONTINUE, Buffer.from("x"))));
      return wire;
    },
  },
  oversize_frames: {
    end: TOO_BIG,
    counter: "refused_too_big_total",
    least: each,
    async play(stage, i) {
      const wire = await upgraded(stage);
      if (i % 2 === 0) wire.write(frame(FIN | Op.BINARY, Buffer.alloc(300_000)));
      else wire.write(Buffer.concat([frameHeader(FIN | Op.BINARY, 2 ** 30), Buffer.alloc(100)]));
      return wire;
    },
  },
  deep_values: {
    end: MALFORMED,
    counter: "refused_malformed_total",
    least: each,
    play: saying(Buffer.concat([Buffer.from([0x92, PRESENCE]), Buffer.alloc(3000, 0x91), Buffer.from([0xc0])])),
  },
  lying_counts: {
    end: MALFORMED,
    counter: "refused_malformed_total",
    least: each,
    play: saying(Buffer.from([0x92, PRESENCE, 0xdd, 0xff, 0xff, 0xff, 0xff])),
  },
  broken_utf8: {
    end: MALFORMED,
    counter: "refused_malformed_total",
    least: each,
    play: saying(Buffer.from([0x92, PRESENCE, 0xa3, 0xff, 0xfe, 0xfd])),
  },
  not_numbers: {
    end: MALFORMED,
    counter: "refused_malformed_total",
    least: each,
    async play(stage) {
      const wire = await joined(stage);
      wire.write(batch(wire, 1, sticky(NaN, Infinity)));
      return wire;
    },
  },
  text_frames: {
    end: MALFORMED,
    counter: "refused_text_total",
    least: each,
    async play(stage) {
      const wire = await upgraded(stage);
      wire.write(frame(FIN | Op.TEXT, Buffer.from("hello")));
      return wire;
    },
  },
  out_of_turn: {
    end: { code: "state", close: 1002 },
    counter: "refused_state_total",
    least: each,
    async play(stage) {
      const wire = await upgraded(stage);
      wire.write(message(PRESENCE, null));
      return wire;
    },
  },
  never_hello: {
    end: { code: "timeout", close: 1008 },
    counter: "sessions_timeout_total",
    least: each,
    play: upgraded,
  },
  foreign_origins: {
    end: { http: 403 },
    counter: "refused_origin_total",
    least: each,
    async play(stage, i) {
      const wire = new Wire(stage.server);
      await wire.upgrade(ORIGINS[i % ORIGINS.length]);
      return wire;
    },
  },
  replayed_tickets: {
    end: { code: "ticket", close: 1008 },
    counter: "refused_ticket_total",
    least: each,
    async play(stage) {
      const { ticket } = await stage.ticket("viewer");
      const first = new Wire(stage.server);
      await first.join(ticket);
      const wire = new Wire(stage.server);
      await wire.join(ticket);
      first.drop();
      return wire;
    },
  },
  forged_links: {
    end: { http: 401 },
    counter: "refused_token_total",
    least: each,
    async play(stage) {
      const token = stage.tokens.viewer;
      const forged = token.slice(0, 40) + (token[40] === "A" ? "B" : "A") + token.slice(41);
      const asked = JSON.stringify({ token: forged, name: "X" });
      const { status } = await request(stage.server, "POST", stage.ticketPath, asked);
      return { gone: Promise.resolve(), ended: true, http: status, code: 0, close: 0, drop() {} };
    },
  },
  cloned_replicas: {
    end: { code: "limit", close: 1013 },
    counter: "sessions_replaced_total",
    least: each,
    arrivals: 2,
    async play(stage) {
      const { ticket, cookie } = await stage.ticket("editor");
      const wire = new Wire(stage.server);
      await wire.join(ticket);
      const again = await stage.ticket("editor", cookie);
      const clone = new Wire(stage.server);
      await clone.join(again.ticket, wire.welcome?.lineage, wire.welcome?.replica);
      return wire;
    },
  },
  op_floods: {
    end: null,
    counter: "sessions_paused_total",
    least: each,
    async play(stage) {
      const own = await stage.elsewhere(); // on one board the flood would be its readers' more than the server's
      const wire = await joined(own);
      let ctr = 1;
      void repeat(wire, stage, 10, () => {
        for (let i = 0; i < 20 && wire.takes(); i++) wire.write(batch(wire, ctr++, sticky(i, ctr)));
      });
      return wire;
    },
  },
  presence_floods: {
    end: null,
    counter: 'dropped_total{reason="presence_rate"}',
    least: (n) => 100 * n,
    async play(stage) {
      const wire = await joined(stage, "viewer");
      void repeat(wire, stage, 10, () => {
        for (let i = 0; i < 5 && wire.takes(); i++) wire.write(message(PRESENCE, [i, Date.now()]));
      });
      return wire;
    },
  },
  /** They do not read what two of them say at length, but go on to send heartbeats. They do not read that they are
   * told to go either, so a good end is any. */
  stalled_readers: {
    end: {},
    counter: "sessions_slow_total",
    least: (n) => n - 2,
    patienceMs: 45_000,
    async play(stage, i) {
      const wire = await joined(stage);
      let ctr = 1;
      if (i < 2) {
        wire.helps = true;
        void repeat(wire, stage, 50, () => wire.takes() && wire.write(batch(wire, ctr++, padded())));
      } else {
        wire.socket.pause();
        void repeat(wire, stage, 10_000, () => wire.write(message(PING, 1, 0)));
      }
      return wire;
    },
  },
  reconnect_storms: {
    end: null,
    counter: "connections_total",
    least: (n) => 5 * n,
    async play(stage) {
      let wire = await upgraded(stage);
      void (async () => {
        while (!stage.over) {
          wire.drop();
          wire = await upgraded(stage);
        }
        wire.drop();
      })();
      return wire;
    },
  },
  /** Joined, and then silent as a peer whose cable was cut: a minute's patience. */
  cut_cables: {
    end: { code: "timeout", close: 1008 },
    counter: "sessions_timeout_total",
    least: each,
    patienceMs: 75_000,
    play: (stage) => joined(stage, "viewer"),
  },
  ...trackKinds,
};
