// HTTP as the client speaks it. A refusal is an ApiError with the server's code; no answer at all is another error.

import type { Role } from "../state/types.ts";

export class ApiError extends Error {
  constructor(
    readonly code: string,
    readonly text: string,
    /** All that the refusal said. */
    readonly answer: Json = {},
  ) {
    super(code);
    this.name = "ApiError";
  }
}

const ANSWER_MS_MAX = 15_000;
export const ROLES: readonly Role[] = ["viewer", "commenter", "editor", "facilitator", "owner"];

export interface Ticket {
  readonly ticket: string;
  readonly role: Role | null;
}

export interface MadeBoard {
  readonly board: string;
  readonly links: Readonly<Partial<Record<Role, string>>>;
}

export type Json = { readonly [key: string]: unknown };

function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export type Method = "GET" | "POST" | "PUT" | "DELETE";

export interface Request {
  readonly token?: string;
  /** Goes as JSON; or bytes as they are. */
  readonly json?: Json;
  readonly bytes?: Uint8Array<ArrayBuffer> | Blob;
  readonly headers?: Readonly<Record<string, string>>;
  readonly waitMs?: number;
  /** It goes on when the page is gone: see fetch, for how much. */
  readonly keepalive?: boolean;
}

/** Resolves with an answer of success only. */
export async function request(method: Method, path: string, asked: Request = {}): Promise<Response> {
  const { token, json, bytes, headers, waitMs = ANSWER_MS_MAX, keepalive = false } = asked;
  const response = await fetch(path, {
    method,
    headers: {
      ...(json === undefined ? {} : { "content-type": "application/json" }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    body: bytes ?? (json === undefined ? null : JSON.stringify(json)),
    cache: "no-store",
    keepalive,
    signal: AbortSignal.timeout(waitMs),
  });
  if (response.ok) return response;
  const answer: unknown = await response.json().catch(() => null);
  if (!isRecord(answer)) throw new Error(`HTTP ${response.status}`);
  const { code, text } = answer;
  throw new ApiError(typeof code === "string" ? code : "unknown", typeof text === "string" ? text : "", answer);
}

export async function jsonOf(response: Response): Promise<Json> {
  const answer: unknown = await response.json().catch(() => null);
  if (!isRecord(answer)) throw new Error(`HTTP ${response.status}`);
  return answer;
}

async function send(method: Method, path: string, json?: Json, token?: string): Promise<Json> {
  return jsonOf(await request(method, path, { ...(json && { json }), ...(token !== undefined && { token }) }));
}

export function roleNamed(name: unknown): Role | null {
  return ROLES.find((role) => role === name) ?? null;
}

export async function fetchTicket(board: string, token: string, name: string): Promise<Ticket> {
  const { ticket, role } = await send("POST", `/api/boards/${encodeURIComponent(board)}/ticket`, { token, name });
  if (typeof ticket !== "string") throw new Error("no ticket in the answer");
  return { ticket, role: roleNamed(role) };
}

/** What a facilitator or an owner asks about their board's links; `link` is empty for all of them, or a new one. */
export function askLinks(board: string, token: string, method: Method, link: string, body?: Json): Promise<Json> {
  const below = link === "" ? "" : `/${encodeURIComponent(link)}`;
  return send(method, `/api/boards/${encodeURIComponent(board)}/links${below}`, body, token);
}

/** 64 random bits as the server writes ids: base64url, eleven characters. */
function newBoardId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** The id is chosen here, so that a balancer sends the request to the server that the board's URLs lead to. */
export async function makeBoard(title: string): Promise<MadeBoard> {
  const { board, links } = await send("PUT", `/api/boards/${newBoardId()}`, { title });
  if (typeof board !== "string" || !isRecord(links)) throw new Error("no board in the answer");
  const known: Partial<Record<Role, string>> = {};
  for (const role of ROLES) {
    const link = links[role];
    if (typeof link === "string") known[role] = link;
  }
  return { board, links: known };
}
