// What is sent in the last moment of a page. A request begun then may outlive the page when all of them together are small
// (64 KiB, by the fetch standard) and nothing has to be waited for: digests are made when the bytes are kept. What is too
// much stays on the device, for the next time.

import type { Take } from "../state/takes.ts";
import type { LastWord, Stream, TrackDesk } from "../state/tracks.ts";

const BYTES_MAX = 60 * 1024;

interface Word {
  readonly index: number;
  readonly stream: Stream;
  readonly chunk: number;
  readonly bytes: number;
  readonly last: LastWord;
}

export class Parting {
  private words: readonly Word[] = [];

  constructor(private readonly desk: Pick<TrackDesk, "lastWord">) {}

  /** Chunks that were just kept, the last ones of the take's last segment. */
  async kept(take: Take, stream: Stream, chunks: readonly Uint8Array<ArrayBuffer>[]): Promise<void> {
    const index = take.segments.length - 1;
    const first = take.segments[index]!.chunks[stream] - chunks.length;
    for (const [i, bytes] of chunks.entries()) {
      const before = this.words.reduce((sum, word) => sum + word.bytes, 0);
      if (before + bytes.length > BYTES_MAX) continue;
      const word = { index, stream, chunk: first + i, bytes: bytes.length, last: await this.desk.lastWord(bytes) };
      this.words = [...this.words, word];
    }
  }

  /** The server has the segment's chunks of the stream up to `count`. */
  arrived(index: number, stream: Stream, count: number): void {
    this.words = this.words.filter((word) => word.index !== index || word.stream !== stream || word.chunk >= count);
  }

  /** Sends what follows on what is there; of what comes too early the server says so, to nobody. */
  leave(track: string, index: number, segment: number, there: Readonly<Record<Stream, number>>): void {
    const next = { ...there };
    for (const word of this.words) {
      if (word.index !== index || word.chunk !== next[word.stream]) continue;
      next[word.stream] += 1;
      word.last.send(track, segment, word.stream, word.chunk);
    }
  }
}
