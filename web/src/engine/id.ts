// Object ids as the client writes them, "replica.ctr", and as the wire does, [replica, ctr] (SPEC E3); their order.

import type { ObjectId } from "./types.ts";

const ID = /^(0|[1-9][0-9]{0,9})\.([1-9][0-9]{0,15})$/;

/** The board's own object, made by the server as the first op of every board. */
export const BOARD_ID = "0.1" as ObjectId;

export function idOf(replica: number, ctr: number): ObjectId {
  return `${replica}.${ctr}` as ObjectId;
}

export function idParts(id: ObjectId): readonly [replica: number, ctr: number] {
  const dot = id.indexOf(".");
  return [Number(id.slice(0, dot)), Number(id.slice(dot + 1))];
}

/** An id from a peer's bytes, or null when it is not one. */
export function idFromWire(value: unknown): ObjectId | null {
  if (!Array.isArray(value) || value.length !== 2) return null;
  const text = `${String(value[0])}.${String(value[1])}`;
  return ID.test(text) ? (text as ObjectId) : null;
}

/** By (replica, ctr) as numbers: the order SPEC V1 breaks ties with. */
export function idCompare(a: ObjectId, b: ObjectId): number {
  if (a === b) return 0;
  const [replicaA, ctrA] = idParts(a);
  const [replicaB, ctrB] = idParts(b);
  return replicaA - replicaB || ctrA - ctrB;
}
