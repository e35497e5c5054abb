// The desk of talk-tracks over HTTP (server/README.md, routes of tracks). The list is the server's; what an answer
// says of a track replaces its row here. What may be said twice is tried again when no answer comes; the rest is the
// caller's to decide. Not here: what to send when (talk/record_send.ts), what this device keeps of recordings
// (recordings.ts).

import { signal } from "@preact/signals";
import type { Ms } from "../engine/types.ts";
import { TrackError } from "../state/tracks.ts";
import type { Chapter, Segment, Stream, Track, TrackDesk, TrackLimits, Watchers } from "../state/tracks.ts";
import { ApiError, jsonOf, request, roleNamed, type Json, type Method, type Request } from "./api.ts";
import { waitMs } from "./retry.ts";

const TRIES_MAX = 3;
/** A chunk on a slow line: 1 MB at 20 KB/s. */
const BYTES_WAIT_MS = 60_000;
/** Refusals that pass by themselves. */
const PASSING = new Set(["draining", "limit"]);
const VTT = "text/vtt";

function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const rowsOf = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.filter(isJson) : []);
const numberOf = (value: unknown): number => (typeof value === "number" && value >= 0 ? value : 0);
const msOf = (value: unknown): Ms => numberOf(value) as Ms;
const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

function segmentFrom(row: Json): Segment {
  const chunks = isJson(row.chunks) ? row.chunks : {};
  return {
    segment: numberOf(row.segment),
    type: textOf(row.type),
    state: row.state === "done" ? "done" : "open",
    fromMs: msOf(row.from_ms),
    lengthMs: msOf(row.length_ms),
    bytes: numberOf(row.bytes),
    firstSeq: numberOf(row.first_seq),
    lastSeq: numberOf(row.last_seq),
    chunks: { media: numberOf(chunks.media), timeline: numberOf(chunks.timeline) },
  };
}

function chapterFrom(row: Json): Chapter {
  return { atMs: msOf(row.at_ms), title: textOf(row.title) };
}

/** Nobody below the highest role, when it makes no sense here. */
function watchersFrom(value: unknown): Watchers {
  if (isJson(value) && Array.isArray(value.links)) {
    return { links: value.links.filter((link): link is string => typeof link === "string") };
  }
  return { role: (isJson(value) ? roleNamed(value.role) : null) ?? "owner" };
}

function cutsFrom(value: unknown): Track["cuts"] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((cut: unknown) => (Array.isArray(cut) ? [[msOf(cut[0]), msOf(cut[1])] as const] : []));
}

/** Throws on what is no track at all; parts that make no sense are read as nothing. */
function trackFrom(row: Json): Track {
  const { track, state, reach } = row;
  if (typeof track !== "string" || track === "") throw new TrackError("malformed");
  return {
    track,
    title: textOf(row.title),
    author: numberOf(row.author),
    madeMs: msOf(row.made_ms),
    state: state === "finished" || state === "deleted" ? state : "recording",
    endsMs: typeof row.ends_ms === "number" ? msOf(row.ends_ms) : null,
    watch: watchersFrom(row.watch),
    cuts: cutsFrom(row.cuts),
    playedMs: msOf(row.played_ms),
    chapters: rowsOf(row.chapters).map(chapterFrom),
    segments: rowsOf(row.segments).map(segmentFrom),
    captions: row.captions === true,
    cover: row.cover === true,
    mayEdit: row.may_edit === true,
    views: numberOf(row.views),
    reach: Array.isArray(reach) ? reach.map(numberOf) : null,
  };
}

function limitsFrom(value: unknown): TrackLimits | null {
  if (!isJson(value)) return null;
  return {
    chunkBytes: numberOf(value.chunk_bytes),
    trackBytes: numberOf(value.track_bytes),
    trackMs: msOf(value.track_ms),
    freeBytes: numberOf(value.free_bytes),
  };
}

function errorFrom(error: unknown): TrackError {
  if (error instanceof TrackError) return error;
  if (!(error instanceof ApiError)) return new TrackError("offline");
  const { next } = error.answer;
  return new TrackError(error.code, typeof next === "number" ? next : null);
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

async function digestOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  // Browsers hash in secure contexts only; there they record only, too.
  if (!("subtle" in crypto)) throw new TrackError("insecure");
  return `sha-256=:${base64(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)))}:`;
}

async function chunkHeaders(bytes: Uint8Array<ArrayBuffer>): Promise<Readonly<Record<string, string>>> {
  return { "content-digest": await digestOf(bytes), "content-type": "application/octet-stream" };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export function openTrackDesk(board: string, token: string): TrackDesk {
  const root = `/api/boards/${encodeURIComponent(board)}/tracks`;
  const tracks = signal<readonly Track[] | null>(null);
  const limits = signal<TrackLimits | null>(null);

  const pathOf = (track: string, rest = ""): string => `${root}/${encodeURIComponent(track)}${rest}`;
  function segmentPath(track: string, segment: number, rest: string): string {
    return pathOf(track, `/segments/${segment}${rest}`);
  }

  function chunkPath(track: string, segment: number, stream: Stream, chunk: number): string {
    return segmentPath(track, segment, `/${stream}/${chunk}`);
  }

  async function ask(method: Method, path: string, asked: Omit<Request, "token"> = {}): Promise<Response> {
    for (let tried = 1; ; tried++) {
      try {
        return await request(method, path, { ...asked, token });
      } catch (caught) {
        const error = errorFrom(caught);
        const passing = PASSING.has(error.code) || (error.code === "offline" && method !== "POST");
        if (!passing || tried === TRIES_MAX) throw error;
        await pause(waitMs(tried - 1, Math.random(), document.hidden));
      }
    }
  }

  function take(answer: Json): Track {
    const fresh = trackFrom(answer);
    const before = tracks.value;
    if (before === null) return fresh;
    const known = before.some((row) => row.track === fresh.track);
    tracks.value = known ? before.map((row) => (row.track === fresh.track ? fresh : row)) : [fresh, ...before];
    return fresh;
  }

  async function askJson(method: Method, path: string, json?: Json): Promise<Json> {
    const answer = await ask(method, path, json && { json });
    try {
      return await jsonOf(answer);
    } catch (error) {
      throw errorFrom(error);
    }
  }

  const askTrack = async (method: Method, path: string, json?: Json): Promise<Track> => take(await askJson(method, path, json));

  return {
    tracks,
    limits,
    async refresh() {
      const answer = await askJson("GET", root);
      tracks.value = rowsOf(answer.tracks).map(trackFrom);
      limits.value = limitsFrom(answer.limits);
    },
    get: (track) => askTrack("GET", pathOf(track)),
    async promised(track) {
      const answer = await askJson("GET", pathOf(track));
      const { title, playedMs } = trackFrom(answer);
      return { title, playedMs, authorName: textOf(answer.author_name), boardTitle: textOf(answer.board_title) };
    },
    make: (title) => askTrack("POST", root, { title }),
    change(track, { title, watch, cuts, chapters, state }) {
      return askTrack("PUT", pathOf(track), {
        ...(title !== undefined && { title }),
        ...(watch !== undefined && { watch }),
        ...(cuts !== undefined && { cuts }),
        ...(chapters !== undefined && { chapters: chapters.map((row) => ({ at_ms: row.atMs, title: row.title })) }),
        ...(state !== undefined && { state }),
      });
    },
    async remove(track) {
      await askTrack("DELETE", pathOf(track));
    },
    async openSegment(track, type) {
      const { segments } = await askTrack("POST", pathOf(track, "/segments"), { type });
      const last = segments.at(-1);
      if (last === undefined) throw new TrackError("malformed");
      return last.segment;
    },
    async put(track, segment, stream, chunk, bytes) {
      const whole = new Uint8Array(bytes); // a copy: it may not change between the digest and the sending
      const headers = await chunkHeaders(whole);
      await ask("PUT", chunkPath(track, segment, stream, chunk), { bytes: whole, headers, waitMs: BYTES_WAIT_MS });
    },
    async lastWord(bytes) {
      const headers = await chunkHeaders(bytes);
      return {
        send(...to) {
          request("PUT", chunkPath(...to), { token, bytes, headers, keepalive: true }).catch(() => undefined);
        },
      };
    },
    finishSegment(track, segment, lengthMs, chunks) {
      return askTrack("POST", segmentPath(track, segment, "/finish"), { length_ms: Math.round(lengthMs), chunks });
    },
    mediaUrl: (track, segment) => segmentPath(track, segment, "/media"),
    async timeline(track, segment) {
      const answer = await ask("GET", segmentPath(track, segment, "/timeline"), { waitMs: BYTES_WAIT_MS });
      return new Uint8Array(await answer.arrayBuffer());
    },
    async captions(track) {
      try {
        return await (await ask("GET", pathOf(track, "/captions"))).text();
      } catch (error) {
        if (error instanceof TrackError && error.code === "not_found") return null;
        throw error;
      }
    },
    async putCaptions(track, vtt) {
      await ask("PUT", pathOf(track, "/captions"), { bytes: new Blob([vtt]), headers: { "content-type": VTT } });
    },
    coverUrl: (track) => pathOf(track, "/cover"),
    async putCover(track, picture) {
      await ask("PUT", pathOf(track, "/cover"), { bytes: picture, headers: { "content-type": picture.type } });
    },
    async progress(track, playedMs) {
      // Most of it is told as the page goes.
      await ask("POST", pathOf(track, "/progress"), { json: { played_ms: Math.round(playedMs) }, keepalive: true });
    },
  };
}
