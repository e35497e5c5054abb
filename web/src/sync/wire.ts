// The session protocol's messages as the client reads and writes them (SPEC section 2, proto/messages.def). OPS stay
// bytes: the engine reads them. A message that is malformed or unknown is null; the session then starts over.

import { decode, encode, Raw, type Encodable } from "../engine/codec.ts";
import { Message, SCHEMA_VERSION, StatusName } from "../engine/generated.ts";
import { hexOf } from "../engine/wire.ts";

/** The states of a board as WELCOME and STATE number them (server/board). */
export const BoardState = { LOADING: 0, READY: 1, READ_ONLY: 2, DRAINING: 3, FAILED: 4 } as const;

export interface Welcome {
  readonly is: "welcome";
  /** 8 bytes as 16 hex digits. */
  readonly lineage: string;
  readonly replica: number;
  readonly hwm: number;
  readonly headSeq: number;
  readonly role: number;
  readonly session: number;
  readonly user: number;
  readonly boardState: number;
  readonly srvMs: number;
}

export interface SnapshotBegin {
  readonly is: "snapshot_begin";
  readonly asOf: number;
  readonly bytes: number;
  readonly chunks: number;
  readonly hash: string;
}

/** `code` "ok": an answer follows (SPEC T1). */
export interface Past {
  readonly is: "past";
  readonly seq: number;
  readonly code: string;
  readonly asOf: number;
  readonly bytes: number;
  readonly chunks: number;
  readonly hash: string;
}

export type ServerMessage =
  | Welcome
  | SnapshotBegin
  | { readonly is: "snapshot_chunk"; readonly index: number; readonly data: Uint8Array }
  | { readonly is: "snapshot_end" }
  | { readonly is: "ops"; readonly frame: Uint8Array }
  | { readonly is: "ack"; readonly hwm: number }
  | { readonly is: "reject"; readonly ctr0: number; readonly n: number; readonly code: string; readonly text: string }
  | { readonly is: "state"; readonly role: number; readonly boardState: number }
  | { readonly is: "people"; readonly joined: readonly PersonRow[]; readonly left: readonly number[] }
  | { readonly is: "presence"; readonly states: readonly (readonly [session: number, state: unknown])[] }
  | { readonly is: "pong"; readonly echo: number; readonly srvMs: number }
  | Past
  | { readonly is: "past_chunk"; readonly index: number; readonly data: Uint8Array }
  /** `frame` is an OPS message now. */
  | { readonly is: "past_ops"; readonly frame: Uint8Array }
  | { readonly is: "past_end"; readonly seq: number }
  | { readonly is: "goaway"; readonly retryAfterMs: number }
  | { readonly is: "error"; readonly code: string; readonly text: string };

export type PersonRow = readonly [session: number, user: number, name: string];

class Malformed extends Error {}

/** A message's fields, taken one after the other; the first that is not as asked ends it. */
class Fields {
  private at = 1;
  constructor(private readonly all: readonly unknown[]) {}

  u53(): number {
    const value = this.all[this.at++];
    if (!Number.isSafeInteger(value) || (value as number) < 0) throw new Malformed();
    return value as number;
  }
  text(): string {
    const value = this.all[this.at++];
    if (typeof value !== "string") throw new Malformed();
    return value;
  }
  bytes(): Uint8Array {
    const value = this.all[this.at++];
    if (!(value instanceof Uint8Array)) throw new Malformed();
    return value;
  }
  list(): readonly unknown[] {
    const value = this.all[this.at++];
    if (!Array.isArray(value)) throw new Malformed();
    return value;
  }
  skip(): void {
    this.at += 1;
  }
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}

const statusName = (code: number): string => StatusName[code] ?? "unknown";

function isPersonRow(row: unknown): row is PersonRow {
  return (
    Array.isArray(row) &&
    Number.isSafeInteger(row[0]) &&
    Number.isSafeInteger(row[1]) &&
    typeof row[2] === "string"
  );
}

function isStateRow(row: unknown): row is readonly [number, unknown] {
  return Array.isArray(row) && row.length === 2 && Number.isSafeInteger(row[0]);
}

function welcomeFrom(fields: Fields): Welcome {
  const lineage = hexOf(fields.bytes());
  const replica = fields.u53();
  const hwm = fields.u53();
  const headSeq = fields.u53();
  const role = fields.u53();
  const session = fields.u53();
  const user = fields.u53();
  const boardState = fields.u53();
  fields.skip(); // limits: this client keeps to those it was built with
  return { is: "welcome", lineage, replica, hwm, headSeq, role, session, user, boardState, srvMs: fields.u53() };
}

function snapshotBeginFrom(fields: Fields): SnapshotBegin {
  fields.skip(); // doc
  const asOf = fields.u53();
  const bytes = fields.u53();
  const chunks = fields.u53();
  return { is: "snapshot_begin", asOf, bytes, chunks, hash: hexOf(fields.bytes()) };
}

function chunkFrom(fields: Fields): ServerMessage {
  fields.skip();
  const index = fields.u53();
  return { is: "snapshot_chunk", index, data: fields.bytes() };
}

function rejectFrom(fields: Fields): ServerMessage {
  fields.skip();
  const ctr0 = fields.u53();
  const n = fields.u53();
  const code = statusName(fields.u53());
  return { is: "reject", ctr0, n, code, text: fields.text() };
}

function peopleFrom(fields: Fields): ServerMessage {
  const joined = fields.list().filter(isPersonRow);
  const left = fields.list().filter((session): session is number => Number.isSafeInteger(session));
  return { is: "people", joined, left };
}

function pastFrom(fields: Fields): Past {
  fields.skip(); // doc
  const seq = fields.u53();
  const code = statusName(fields.u53());
  const asOf = fields.u53();
  const bytes = fields.u53();
  const chunks = fields.u53();
  return { is: "past", seq, code, asOf, bytes, chunks, hash: hexOf(fields.bytes()) };
}

function messageFrom(type: number, fields: Fields): ServerMessage | null {
  switch (type) {
    case Message.WELCOME:
      return welcomeFrom(fields);
    case Message.SNAPSHOT_BEGIN:
      return snapshotBeginFrom(fields);
    case Message.SNAPSHOT_CHUNK:
      return chunkFrom(fields);
    case Message.SNAPSHOT_END:
      return { is: "snapshot_end" };
    case Message.ACK:
      fields.skip();
      return { is: "ack", hwm: fields.u53() };
    case Message.REJECT:
      return rejectFrom(fields);
    case Message.STATE: {
      const role = fields.u53();
      return { is: "state", role, boardState: fields.u53() };
    }
    case Message.PEOPLE:
      return peopleFrom(fields);
    case Message.PRESENCE:
      return { is: "presence", states: fields.list().filter(isStateRow) };
    case Message.PONG: {
      const echo = fields.u53();
      return { is: "pong", echo, srvMs: fields.u53() };
    }
    case Message.PAST:
      return pastFrom(fields);
    case Message.PAST_CHUNK: {
      fields.skip();
      const index = fields.u53();
      return { is: "past_chunk", index, data: fields.bytes() };
    }
    case Message.PAST_END:
      fields.skip();
      return { is: "past_end", seq: fields.u53() };
    case Message.GOAWAY:
      return { is: "goaway", retryAfterMs: fields.u53() };
    case Message.ERROR: {
      const code = statusName(fields.u53());
      return { is: "error", code, text: fields.text() };
    }
    default:
      return null;
  }
}

export function parseMessage(frame: Uint8Array): ServerMessage | null {
  // The first byte is a short array's head, the second the type: all types are below 128 (SPEC S1).
  const type = ((frame[0] ?? 0) & 0xf0) === 0x90 ? frame[1] : null;
  if (type === Message.OPS) return { is: "ops", frame };
  if (type === Message.PAST_OPS) {
    const ops = frame.slice();
    ops[1] = Message.OPS; // the same fields (proto/messages.def)
    return { is: "past_ops", frame: ops };
  }
  try {
    const value = decode(frame);
    if (!Array.isArray(value)) return null;
    return messageFrom(value[0] as number, new Fields(value as readonly unknown[]));
  } catch {
    return null;
  }
}

export interface Hello {
  readonly ticket: string;
  readonly lineage: string | null;
  readonly replica: number | null;
  readonly resumeSeq: number | null;
}

export function helloFrame({ ticket, lineage, replica, resumeSeq }: Hello): Uint8Array {
  return encode([Message.HELLO, SCHEMA_VERSION, ticket, lineage && bytesOf(lineage), replica, resumeSeq]);
}

export function batchFrame(body: Uint8Array): Uint8Array {
  return encode([Message.BATCH, 0, new Raw(body)]);
}

export function presenceFrame(state: { readonly [key: string]: unknown } | null): Uint8Array {
  return encode([Message.PRESENCE, state as Encodable]);
}

export function pingFrame(echo: number, settled: number): Uint8Array {
  return encode([Message.PING, echo, settled]);
}

export function pastAskFrame(seq: number): Uint8Array {
  return encode([Message.PAST_ASK, 0, seq]);
}

/** A refused entry of the journal (SPEC S9), as catching up finds it. */
export interface Void {
  readonly ctr0: number;
  readonly code: string;
}

/** The voids of `replica` in an OPS frame. Only for catching up: it decodes the whole frame. */
export function voidsOf(frame: Uint8Array, replica: number): readonly Void[] {
  const [, , envelopes] = decode(frame) as readonly [number, number, readonly (readonly unknown[])[]];
  return envelopes
    .map((envelope) => envelope[3] as readonly unknown[])
    .filter((body) => body[0] === replica && typeof body[3] === "number")
    .map((body) => ({ ctr0: body[1] as number, code: statusName(body[3] as number) }));
}

/** The texts a batch body would have written, for handing a refused one back to the person. */
export function textsOf(body: Uint8Array): string {
  const [, , , ops] = decode(body) as readonly [number, number, number, readonly (readonly unknown[])[]];
  return ops
    .filter((op) => op[0] === 2 && typeof op[5] === "string")
    .map((op) => op[5] as string)
    .join("");
}

/** The replica a batch body belongs to (SPEC B1). */
export function replicaOf(body: Uint8Array): number {
  return (decode(body) as readonly [number])[0];
}
