// Microphone and camera while they are chosen and used: what there is, the stream, how loud the voice is, and why
// there is none. The devices are let go as soon as nobody looks or records.

import { signal } from "@preact/signals";
import type { Choice, Device, Studio, Trouble } from "../state/recording.ts";

const LEVEL_MS = 90;
/** A voice at arm's length fills the meter to about three quarters. */
const LEVEL_GAIN = 5;
const CAMERA = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 24, max: 30 } } as const;

export interface OpenStudio extends Studio {
  /** What forbids any recording here; null when nothing does. */
  barred(): Trouble | null;
  open(choice: Choice): Promise<void>;
  /** Lets the devices go. */
  close(): void;
}

function troubleFrom(error: unknown): Trouble {
  const name = error instanceof DOMException ? error.name : "";
  switch (name) {
    case "NotAllowedError":
    case "SecurityError":
      return "blocked";
    case "NotReadableError":
    case "AbortError":
      return "busy";
    default:
      return "missing"; // NotFoundError, OverconstrainedError
  }
}

function pick(id: string): { deviceId?: { ideal: string } } {
  return id === "" ? {} : { deviceId: { ideal: id } };
}

function named(devices: readonly MediaDeviceInfo[], kind: MediaDeviceKind): readonly Device[] {
  return devices
    .filter((device) => device.kind === kind && device.deviceId !== "")
    .map((device, i) => ({ id: device.deviceId, label: device.label === "" ? String(i + 1) : device.label }));
}

/** Calls with the loudness of `stream` about ten times a second; returns what ends it. */
function meter(stream: MediaStream, told: (level: number) => void): () => void {
  if (stream.getAudioTracks().length === 0) return () => undefined;
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 512;
  context.createMediaStreamSource(stream).connect(analyser);
  const wave = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(wave);
    const power = wave.reduce((sum, sample) => sum + sample * sample, 0) / wave.length;
    told(Math.min(1, Math.sqrt(power) * LEVEL_GAIN));
  }, LEVEL_MS);
  return () => {
    clearInterval(timer);
    void context.close();
    told(0);
  };
}

export function createStudio(): OpenStudio {
  const trouble = signal<Trouble | null>(null);
  const microphones = signal<readonly Device[]>([]);
  const cameras = signal<readonly Device[]>([]);
  const stream = signal<MediaStream | null>(null);
  const level = signal(0);
  const muted = signal(false);
  const lost = signal<"microphone" | "camera" | null>(null);
  let stopMeter: () => void = () => undefined;
  let asked = 0;

  function close(): void {
    asked += 1;
    stopMeter();
    stopMeter = () => undefined;
    for (const track of stream.value?.getTracks() ?? []) track.stop();
    stream.value = null;
    muted.value = false;
    lost.value = null;
  }

  /** What happens to the devices of `got` while they are open. */
  function attend(got: MediaStream): void {
    for (const track of got.getTracks()) {
      const of = track.kind === "video" ? "camera" : "microphone";
      track.addEventListener("ended", () => {
        if (stream.value === got && lost.value !== "microphone") lost.value = of;
      });
      if (of === "camera") continue;
      const hear = (): void => {
        if (stream.value === got) muted.value = track.muted;
      };
      track.addEventListener("mute", hear);
      track.addEventListener("unmute", hear);
      muted.value = track.muted;
    }
  }

  function barred(): Trouble | null {
    if (!globalThis.isSecureContext) return "insecure";
    return typeof MediaRecorder === "undefined" || !("locks" in navigator) ? "unsupported" : null;
  }

  async function open(choice: Choice): Promise<void> {
    close();
    const turn = asked;
    trouble.value = barred();
    if (trouble.value !== null || choice.source === "none") return;
    try {
      const got = await navigator.mediaDevices.getUserMedia({
        audio: { ...pick(choice.microphone), echoCancellation: true, noiseSuppression: true, autoGainControl: true },
        video: choice.source === "camera" ? { ...pick(choice.camera), ...CAMERA } : false,
      });
      if (turn !== asked) return got.getTracks().forEach((track) => track.stop());
      stream.value = got;
      attend(got);
      stopMeter = meter(got, (loud) => (level.value = loud));
      const devices = await navigator.mediaDevices.enumerateDevices(); // they have names only now
      microphones.value = named(devices, "audioinput");
      cameras.value = named(devices, "videoinput");
    } catch (error) {
      if (turn === asked) trouble.value = troubleFrom(error);
    }
  }

  return { trouble, microphones, cameras, stream, level, muted, lost, barred, open, close };
}
