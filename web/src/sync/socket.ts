// One WebSocket's life: opening, whole binary messages in and out, and the heartbeat that notices a connection which is
// silently gone (SPEC S13). It never reconnects; the session does. After `close` no handler is called again.

import { pingFrame } from "./wire.ts";

const PING_MS = 15_000;
const SILENCE_MS_MAX = 10_000;
/** Waiting for the connection to open at all. */
const OPEN_MS_MAX = 10_000;

export interface SocketHandlers {
  open(): void;
  message(frame: Uint8Array): void;
  /** What a PING says of the journal (SPEC G3). */
  settled(): number;
  /** Once, when the connection is gone for whatever reason but our own `close`. */
  gone(code: number): void;
}

export interface Socket {
  send(frame: Uint8Array): void;
  /** Bytes handed over but not yet on their way. */
  waiting(): number;
  /** Asks for a sign of life at once: after sleep, or when the browser says the network changed. */
  probe(): void;
  close(): void;
}

export function openSocket(url: string, handlers: SocketHandlers): Socket {
  const socket = new WebSocket(url, "plenum.1");
  socket.binaryType = "arraybuffer";
  let over = false;
  let silence: ReturnType<typeof setTimeout> | null = setTimeout(lose, OPEN_MS_MAX);

  function finish(): void {
    over = true;
    clearInterval(heartbeat);
    if (silence !== null) clearTimeout(silence);
  }

  function lose(): void {
    if (over) return;
    finish();
    socket.close();
    handlers.gone(1006);
  }

  function ping(): void {
    if (over || socket.readyState !== WebSocket.OPEN) return;
    socket.send(pingFrame(Math.floor(performance.now()), handlers.settled()));
    silence ??= setTimeout(lose, SILENCE_MS_MAX);
  }

  const heartbeat = setInterval(ping, PING_MS);

  socket.addEventListener("open", () => {
    if (over) return;
    if (silence !== null) clearTimeout(silence);
    silence = null;
    handlers.open();
  });
  socket.addEventListener("message", (event: MessageEvent<unknown>) => {
    if (over) return;
    if (silence !== null) clearTimeout(silence);
    silence = null;
    if (event.data instanceof ArrayBuffer) handlers.message(new Uint8Array(event.data));
  });
  socket.addEventListener("close", (event) => {
    if (over) return;
    finish();
    handlers.gone(event.code);
  });

  return {
    send(frame) {
      if (!over && socket.readyState === WebSocket.OPEN) socket.send(frame as Uint8Array<ArrayBuffer>);
    },
    waiting: () => socket.bufferedAmount,
    probe: ping,
    close() {
      if (over) return;
      finish();
      socket.close(1000);
    },
  };
}
