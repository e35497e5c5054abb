// For how much there is still room: the time and the bytes that a talk-track may have, what the board may still take, and
// of a rehearsal what this device may. What is sent makes room here as it arrives, so the device is no limit to it.

import { computed, effect, signal } from "@preact/signals";
import type { ReadonlySignal } from "@preact/signals";
import { Limits } from "../engine/generated.ts";
import type { Ms } from "../engine/types.ts";
import type { Sent } from "../state/recording.ts";
import { BYTES_PER_MS, lengthOf, type Source, type Take } from "../state/takes.ts";
import type { TrackLimits } from "../state/tracks.ts";
import { bytesOf } from "./record_takes.ts";

/** Left free on this device and at the server. */
const SPARE_BYTES = 4 * 1024 * 1024;
/** Before that a take's own rate says little. */
const TELLING_MS = 10_000;

export interface Room {
  readonly limitMs: ReadonlySignal<Ms>;
  readonly roomBytes: ReadonlySignal<number>;
  /** Until the one or the other is used up. */
  readonly leftMs: ReadonlySignal<Ms>;
  /** Looks again at what this device may still keep. */
  measure(): Promise<void>;
  stop(): void;
}

export interface RoomDeps {
  readonly limits: ReadonlySignal<TrackLimits | null>;
  readonly take: ReadonlySignal<Take | null>;
  readonly sent: ReadonlySignal<Sent>;
  readonly choice: ReadonlySignal<{ readonly source: Source; readonly rehearsal: boolean }>;
  readonly atMs: ReadonlySignal<Ms>;
}

export function createRoom(deps: RoomDeps): Room {
  const { limits, take, sent, choice, atMs } = deps;
  const device = signal({ room: Infinity, taken: 0 });
  /** What of the take was in the server's account when it told how much is free. */
  const counted = signal(0);
  const stop = effect(() => {
    if (limits.value !== null) counted.value = sent.peek().bytes;
  });
  const limitMs = computed(() => limits.value?.trackMs ?? (Limits.TRACK_MS_MAX as Ms));
  const roomBytes = computed(() => {
    const told = limits.value;
    const taken = bytesOf(take.value);
    const ofTrack = (told?.trackBytes ?? Limits.TRACK_BYTES_MAX) - taken;
    const ofBoard = told === null ? Infinity : told.freeBytes - (taken - counted.value);
    const { rehearsal } = take.value ?? choice.value;
    const ofDevice = rehearsal ? device.value.room - (taken - device.value.taken) : Infinity;
    return Math.max(0, Math.min(ofTrack, rehearsal ? ofDevice : ofBoard) - SPARE_BYTES);
  });
  const leftMs = computed(() => {
    const now = take.value;
    const length = now === null ? 0 : lengthOf(now);
    const rate = length < TELLING_MS ? BYTES_PER_MS[choice.value.source] : bytesOf(now) / length;
    const left = Math.min(limitMs.value - atMs.value, roomBytes.value / Math.max(rate, Number.MIN_VALUE));
    return Math.max(0, left) as Ms;
  });
  return {
    limitMs,
    roomBytes,
    leftMs,
    stop,
    async measure() {
      if (!("storage" in navigator)) return; // browsers tell it in secure contexts alone
      const { quota, usage } = await navigator.storage.estimate();
      if (quota !== undefined) device.value = { room: quota - (usage ?? 0), taken: bytesOf(take.peek()) };
    },
  };
}
