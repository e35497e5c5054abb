// sync/: messages from a server that may be anything, refusals, waits, and what the chip says.

import assert from "node:assert/strict";
import { test } from "node:test";
import { decode, encode, Raw, type Encodable } from "../../web/src/engine/codec.ts";
import { Message } from "../../web/src/engine/generated.ts";
import type { PendingBatch } from "../../web/src/engine/types.ts";
import { connectionOf, type Facts } from "../../web/src/sync/connection.ts";
import { Outgoing } from "../../web/src/sync/outgoing.ts";
import type { LocalReplica } from "../../web/src/sync/replica.ts";
import { waitMs } from "../../web/src/sync/retry.ts";
import { batchFrame, BoardState, parseMessage, textsOf, voidsOf } from "../../web/src/sync/wire.ts";

const lineage = Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 255);

test("a welcome is read field by field, and newer fields behind are passed over", () => {
  const fields: Encodable[] = [Message.WELCOME, lineage, 7, 12, 90, 3, 44, 5, 1, { batches_per_s: 30 }, 1234, "newer"];
  assert.deepEqual(parseMessage(encode(fields)), {
    is: "welcome",
    lineage: "00010203040506ff",
    replica: 7,
    hwm: 12,
    headSeq: 90,
    role: 3,
    session: 44,
    user: 5,
    boardState: 1,
    srvMs: 1234,
  });
});

test("a message cut short, or with a wrong field, is no message", () => {
  const whole = encode([Message.REJECT, 0, 5, 2, 3, "orphan"]);
  for (let n = 0; n < whole.length; n++) assert.equal(parseMessage(whole.subarray(0, n)), null);
  assert.equal(parseMessage(encode([Message.WELCOME, "text"])), null);
  assert.equal(parseMessage(encode([Message.PONG, -1, 5])), null);
  assert.equal(parseMessage(encode([200, 1])), null);
  assert.equal(parseMessage(encode({ a: 1 })), null);
});

test("rows of people and presence that make no sense are left out", () => {
  const people = parseMessage(encode([Message.PEOPLE, [[1, 2, "Ada"], [1, "x", "y"], 7], [3, "z"]]));
  assert.deepEqual(people, { is: "people", joined: [[1, 2, "Ada"]], left: [3] });
});

test("a frame of entries shows the voids of one replica, and a body its texts", () => {
  const body: Encodable = [9, 4, 100, [[0, 3, new Map([[1, [0, 0]]])], [2, [9, 4], 5, null, null, "kept "], [2, [9, 4], 5, [9, 9], null, "words"]]];
  const envelopes: Encodable = [[1, 5, 0, body], [2, 5, 0, [9, 20, 2, 3]], [3, 5, 0, [8, 1, 1, 3]]];
  assert.deepEqual(voidsOf(encode([Message.OPS, 0, envelopes]), 9), [{ ctr0: 20, code: "orphan" }]);
  assert.equal(textsOf(encode(body)), "kept words");
});

test("waits are jittered, grow to a bound, and are longer while hidden", () => {
  assert.equal(waitMs(0, 0, false), 500);
  assert.equal(waitMs(0, 1, false), 2000);
  assert.equal(waitMs(50, 1, false), 30_000);
  assert.ok(waitMs(0, 0.5, true) > waitMs(0, 0.5, false));
});

test("the chip says what is so", () => {
  const facts: Facts = {
    phase: { is: "resting" },
    failures: 0,
    kept: 2,
    mayWrite: true,
    boardState: BoardState.READY,
    online: true,
  };
  const live = { ...facts, phase: { is: "live" } as Facts["phase"] };
  assert.deepEqual(connectionOf(facts), { is: "connecting", kept: 2, attempt: 1 });
  assert.deepEqual(connectionOf({ ...facts, failures: 1 }), { is: "offline", kept: 2 });
  assert.deepEqual(connectionOf({ ...facts, online: false }), { is: "offline", kept: 2 });
  assert.deepEqual(connectionOf(live), { is: "saving", kept: 2 });
  assert.deepEqual(connectionOf({ ...live, kept: 0 }), { is: "saved" });
  assert.deepEqual(connectionOf({ ...live, mayWrite: false }), { is: "readonly", why: "role" });
  assert.deepEqual(connectionOf({ ...live, boardState: BoardState.READ_ONLY }), { is: "readonly", why: "disk" });
});

/** A server's half of SPEC S7 and S9 for one replica: accepts hwm+1, asks again above, acknowledges below. */
class FakeBoard {
  hwm = 0;
  readonly accepted: number[] = [];
  readonly notices: string[] = [];
  pending: PendingBatch[];
  readonly outgoing: Outgoing;
  private readonly wire: PendingBatch[] = [];

  constructor(
    count: number,
    private readonly refuses: (marker: number) => "counted" | "uncounted" | null,
  ) {
    this.pending = Array.from({ length: count }, (_, i) => this.batch(i + 1, i + 1));
    const replica = {
      batches: () => this.pending,
      textAt: (ctr0: number) => `text ${ctr0}`,
      handed: () => {},
      refuse: (ctr0: number) => {
        const at = this.pending.findIndex((batch) => batch.ctr0 === ctr0);
        const rest = this.pending.slice(at + 1).map((batch, i) => this.batch(ctr0 + i, this.marker(batch)));
        this.pending = [...this.pending.slice(0, at), ...rest];
        this.outgoing.flush();
      },
    } as unknown as LocalReplica;
    const send = (frame: Uint8Array): boolean => {
      const [, , [ctr0, marker]] = decode(frame) as [number, number, [number, number]];
      this.wire.push(this.batch(ctr0, marker));
      return true;
    };
    this.outgoing = new Outgoing(replica, send, {
      refused: (code, text) => this.notices.push(`${code} ${text}`),
      lost: () => assert.fail("lost"),
    });
  }

  /** The message at this place of the wire never arrives. */
  lose(index: number): void {
    this.wire.splice(index, 1);
  }

  private batch(ctr0: number, marker: number): PendingBatch {
    return { ctr0, n: 1, body: encode([ctr0, marker]) };
  }

  private marker(batch: PendingBatch): number {
    return (decode(batch.body) as [number, number])[1];
  }

  /** Answers everything on the wire; a void comes before its REJECT. */
  settle(): void {
    for (let batch = this.wire.shift(); batch; batch = this.wire.shift()) {
      const { ctr0 } = batch;
      const marker = this.marker(batch);
      const reject = (code: string, at: number, n = 0): void =>
        this.outgoing.onReject({ is: "reject", ctr0: at, n, code, text: "" });
      if (ctr0 <= this.hwm) continue;
      if (ctr0 > this.hwm + 1) reject("gap", this.hwm + 1);
      else if (this.refuses(marker) === "uncounted") reject("perm", ctr0);
      else {
        this.hwm = ctr0;
        this.pending = this.pending.filter((other) => other.ctr0 > this.hwm);
        if (this.refuses(marker) === "counted") reject("quota", ctr0, 1);
        else this.accepted.push(marker);
      }
    }
  }
}

for (const kind of ["counted", "uncounted"] as const) {
  test(`a ${kind} refusal costs its own batch and no other`, () => {
    const board = new FakeBoard(6, (marker) => (marker === 3 ? kind : null));
    board.outgoing.hold(BoardState.READY);
    board.outgoing.begin();
    for (let i = 0; i < 4; i++) board.settle();
    assert.deepEqual(board.accepted, [1, 2, 4, 5, 6]);
    assert.deepEqual(board.pending, []);
    assert.equal(board.notices.length, 1);
    assert.match(board.notices[0] ?? "", /text 3/);
  });
}

test("what the server lacks is sent again from there", () => {
  const board = new FakeBoard(4, () => null);
  board.outgoing.hold(BoardState.READY);
  board.outgoing.begin();
  board.lose(2);
  for (let i = 0; i < 3; i++) board.settle();
  assert.deepEqual(board.accepted, [1, 2, 3, 4]);
});

test("nothing is sent while the board is read-only, and all of it afterwards", () => {
  const board = new FakeBoard(3, () => null);
  board.outgoing.hold(BoardState.READ_ONLY);
  board.outgoing.begin();
  board.settle();
  assert.deepEqual(board.accepted, []);
  board.outgoing.hold(BoardState.READY);
  board.settle();
  assert.deepEqual(board.accepted, [1, 2, 3]);
});

test("a batch frame carries the body untouched", () => {
  const body = encode([1, 2, 3, []]);
  assert.deepEqual([...batchFrame(body)], [0x93, Message.BATCH, 0, ...body]);
  assert.deepEqual([...encode([new Raw(body)])], [0x91, ...body]);
});
