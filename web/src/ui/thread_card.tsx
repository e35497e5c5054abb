// The card beside a pin: a thread's messages and the field to answer in, or the field that begins a thread. It stands
// beside its pin while the board moves below it; on phones it is a sheet at the bottom. A card is no dialog that blocks:
// it closes by Escape, its cross, or a press on the board, and what was being written is there when it opens again.

import { computePosition, flip, offset, shift } from "@floating-ui/dom";
import { useComputed } from "@preact/signals";
import { CircleCheck, RotateCcw, X } from "lucide";
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { t } from "../i18n/i18n.ts";
import { boardToScreen } from "../state/camera.ts";
import { anchorPoint, answer, beginThread, resolve } from "../state/comments.ts";
import type { Anchor, Thread } from "../state/comments.ts";
import type { Moment } from "../state/moment.ts";
import { PANEL_PX, PHONE_PX } from "../state/screen.ts";
import { Composer } from "./composer.tsx";
import { IconButton } from "./controls.tsx";
import { Said } from "./message.tsx";
import { threadNow } from "./talk.ts";
import type { Talk } from "./talk.ts";

const PIN_PX = 30;
const CLEAR = { top: 76, bottom: 76, left: 12, right: 12 } as const; // the corners' panels, the tools

async function placeCard(talk: Talk, card: HTMLElement, anchor: Anchor): Promise<void> {
  const { camera, viewport } = talk.store;
  const at = anchorPoint(anchor, talk.port.rectShown);
  const { w, h } = viewport.peek();
  card.toggleAttribute("data-sheet", w < PHONE_PX);
  if (w < PHONE_PX) {
    card.style.transform = "";
    return;
  }
  // A thread whose object is gone has no pin: its card stands in the middle.
  const tip = at === null ? { x: w / 2 - 160, y: h / 2 } : boardToScreen(camera.peek(), at);
  const pin = new DOMRect(tip.x, tip.y - PIN_PX, PIN_PX, PIN_PX);
  const right = CLEAR.right + (talk.tooling.panel.peek() === null ? 0 : PANEL_PX);
  const padding = { ...CLEAR, right, bottom: Math.max(CLEAR.bottom, talk.playerPx.peek()) };
  const { x, y } = await computePosition({ getBoundingClientRect: () => pin }, card, {
    placement: "right-start",
    strategy: "fixed",
    middleware: [offset(10), flip({ padding }), shift({ padding, crossAxis: true })],
  });
  card.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
}

function Card(props: {
  readonly talk: Talk;
  readonly anchor: Anchor;
  readonly label: string;
  readonly testid: string;
  readonly focus: boolean;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}): JSX.Element {
  const { talk, anchor, onClose } = props;
  const card = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const place = (): void => {
      if (card.current !== null) void placeCard(talk, card.current, anchor);
    };
    place();
    const resized = new ResizeObserver(place);
    if (card.current !== null) resized.observe(card.current);
    const stops = [talk.port.onFrame(place), talk.tooling.panel.subscribe(place), talk.playerPx.subscribe(place)];
    return () => {
      resized.disconnect();
      for (const stop of stops) stop();
    };
  }, [talk, anchor]);
  useEffect(() => {
    if (props.focus) card.current?.focus({ preventScroll: true });
  }, []);
  const close = (): void => {
    onClose();
    talk.port.host.focus({ preventScroll: true });
  };
  return (
    <div
      ref={card}
      class="panel thread-card"
      role="dialog"
      aria-label={props.label}
      tabIndex={-1}
      data-testid={props.testid}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.isComposing) return;
        event.preventDefault();
        event.stopPropagation();
        close();
      }}
    >
      {props.children}
    </div>
  );
}

/** Where a thread is about to begin. */
function NewThread(props: { readonly talk: Talk; readonly anchor: Anchor }): JSX.Element {
  const { talk, anchor } = props;
  const { store, tooling } = talk;
  const send = (text: string, moment: Moment | null): boolean => {
    const made = store.edit(beginThread(anchor, text, moment), store.newGesture());
    if (made === null) return false;
    tooling.pinning.value = null;
    tooling.thread.value = made.created[0] ?? null;
    return true;
  };
  return (
    <Card
      talk={talk}
      anchor={anchor}
      label={t("comment.new")}
      testid="comment-new"
      focus={false}
      onClose={() => (tooling.pinning.value = null)}
    >
      <Composer talk={talk} draft="" label={t("comment.write")} focus onSend={send} />
    </Card>
  );
}

function ThreadHead(props: { readonly talk: Talk; readonly thread: Thread; readonly onClose: () => void }): JSX.Element {
  const { talk, thread } = props;
  const { store } = talk;
  return (
    <header class="thread-head">
      <h2>{thread.resolved ? t("comment.resolved") : t("comment.thread")}</h2>
      {store.canComment.value && (
        <IconButton
          icon={thread.resolved ? RotateCcw : CircleCheck}
          label={thread.resolved ? t("comment.reopen") : t("comment.resolve")}
          testid="comment-resolve"
          onPress={() => {
            store.edit(resolve(thread.id, !thread.resolved), store.newGesture());
            if (!thread.resolved) props.onClose();
          }}
        />
      )}
      <IconButton icon={X} label={t("help.close")} testid="comment-close" onPress={props.onClose} />
    </header>
  );
}

function OpenThread(props: { readonly talk: Talk; readonly thread: Thread }): JSX.Element {
  const { talk, thread } = props;
  const { store, tooling } = talk;
  const list = useRef<HTMLUListElement>(null);
  const close = (): void => void (tooling.thread.value = null);
  const count = thread.messages.length;
  // What is on the screen counts as read, and the last message is what one comes for.
  useEffect(() => {
    talk.marks.read(thread);
    list.current?.lastElementChild?.scrollIntoView({ block: "nearest" });
  }, [thread.id, count]);
  const send = (text: string, moment: Moment | null): boolean =>
    store.edit(answer(thread.id, text, moment), store.newGesture()) !== null;
  return (
    <Card talk={talk} anchor={thread.anchor} label={t("comment.thread")} testid="thread-card" focus onClose={close}>
      <ThreadHead talk={talk} thread={thread} onClose={close} />
      <ul class="messages" ref={list}>
        {thread.messages.map((message) => (
          <Said key={message.id} talk={talk} thread={thread} message={message} />
        ))}
      </ul>
      {store.canComment.value && (
        <Composer talk={talk} draft={thread.id} label={t("comment.answer")} focus={false} onSend={send} />
      )}
    </Card>
  );
}

/** A press on the board closes the card, unless something is being written in it: that would be lost from sight. */
function useOutsidePress(talk: Talk): void {
  const { tooling, port } = talk;
  useEffect(() => {
    const onDown = (): void => {
      if (tooling.pinning.peek() !== null && talk.drafts.get("") === undefined) tooling.pinning.value = null;
      const open = tooling.thread.peek();
      if (open !== null && talk.drafts.get(open) === undefined) tooling.thread.value = null;
    };
    port.host.addEventListener("pointerdown", onDown);
    return () => port.host.removeEventListener("pointerdown", onDown);
  }, [talk]);
}

export function ThreadCard(props: { readonly talk: Talk }): JSX.Element | null {
  const { talk } = props;
  const { tooling } = talk;
  useOutsidePress(talk);
  // Only the open thread's own changes redraw its card.
  const thread = useComputed(() => threadNow(talk, tooling.thread.value)).value;
  const anchor = tooling.pinning.value;
  if (anchor !== null && talk.store.canComment.value) {
    return <NewThread key={`${anchor.object} ${anchor.dx} ${anchor.dy}`} talk={talk} anchor={anchor} />;
  }
  return thread === null ? null : <OpenThread key={thread.id} talk={talk} thread={thread} />;
}
