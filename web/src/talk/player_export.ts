// A track as files: its media as it was recorded, its captions, and as one JSON what the speaker showed and did.

import type { Track, TrackDesk } from "../state/tracks.ts";
import { decodeEvents } from "./timeline.ts";

export interface TrackFile {
  readonly name: string;
  /** A place to fetch it from, or the bytes themselves. */
  readonly from: string | Blob;
}

const ENDINGS: readonly (readonly [part: string, ending: string])[] = [
  ["mp4", "mp4"],
  ["ogg", "ogg"],
];

function endingOf(type: string): string {
  return ENDINGS.find(([part]) => type.includes(part))?.[1] ?? "webm";
}

/** A title as a file's name. */
export function fileName(title: string): string {
  const name = title.replace(/[\s\\/:*?"<>|\p{Cc}]+/gu, " ").trim().slice(0, 80);
  return name === "" ? "talk-track" : name;
}

type Sources = Pick<TrackDesk, "mediaUrl" | "timeline" | "captions">;

export async function filesOf(desk: Sources, track: Track): Promise<readonly TrackFile[]> {
  const name = fileName(track.title);
  const done = track.segments.filter((segment) => segment.state === "done");
  const media = done
    .filter(({ type }) => type !== "")
    .map(({ segment, type }, i, all): TrackFile => {
      const part = all.length > 1 ? ` ${i + 1}` : "";
      return { name: `${name}${part}.${endingOf(type)}`, from: desk.mediaUrl(track.track, segment) };
    });
  const segments = await Promise.all(
    done.map(async ({ segment, fromMs, lengthMs, firstSeq, lastSeq }) => {
      const events = decodeEvents(await desk.timeline(track.track, segment));
      return { segment, fromMs, lengthMs, firstSeq, lastSeq, events };
    }),
  );
  const { title, author, madeMs, cuts, chapters } = track;
  const whole = JSON.stringify({ track: track.track, title, author, madeMs, cuts, chapters, segments }, null, 1);
  const timeline = { name: `${name}.json`, from: new Blob([whole], { type: "application/json" }) };
  const vtt = track.captions ? await desk.captions(track.track) : null;
  const captions = vtt === null ? [] : [{ name: `${name}.vtt`, from: new Blob([vtt], { type: "text/vtt" }) }];
  return [...media, ...captions, timeline];
}
