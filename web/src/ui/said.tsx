// What is said at this moment of the track: comments beside what they are about, reactions floating up where the speaker
// points; above the bar, what has no place in view. A press opens the comment's thread. The layer lies in the canvas's
// host, below all chrome, and is placed with each frame the canvas draws.
//
// data-testid: said (data-at: board or bar).

import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Kind } from "../engine/generated.ts";
import type { ObjectId } from "../engine/types.ts";
import { placeBubbles, type Bubble } from "../geom/bubbles.ts";
import type { ScreenRect } from "../geom/types.ts";
import { boardToScreen } from "../state/camera.ts";
import { anchorOf, anchorPoint } from "../state/comments.ts";
import type { Mark } from "../state/playing.ts";
import { t } from "../i18n/i18n.ts";
import { initialOf } from "./people.tsx";
import type { PlayerProps } from "./player_props.ts";

export type SaidProps = Pick<PlayerProps, "store" | "playing" | "player" | "tooling" | "commands" | "board" | "placed">;

const EDGE_PX = 8;
/** The way back to the speaker, above the bar. */
const WAY_BACK_PX = 46;

function open(props: SaidProps, { object }: Mark): void {
  if (object === null) return;
  if (props.store.scene.objects.get(object)?.kind === Kind.THREAD) props.commands.openThread(object);
  else props.commands.reveal(object);
}

function Words(props: { readonly mark: Mark }): JSX.Element {
  const { mark } = props;
  if (mark.is !== "comment") return <span>{mark.count > 1 ? `${mark.text} ${mark.count}` : mark.text}</span>;
  return (
    <>
      <i style={{ background: `var(--person${mark.hue % 12})` }} aria-hidden="true">{initialOf(mark.name)}</i>
      <span>
        <b>{mark.name}</b> {mark.text}
      </span>
    </>
  );
}

function Saying(props: SaidProps & { readonly mark: Mark; readonly at: "board" | "bar"; readonly shown: boolean }): JSX.Element {
  const { mark, at, shown } = props;
  const common = {
    class: `panel saying said-${mark.is}`,
    "data-key": mark.key,
    "data-at": at,
    "data-testid": shown ? "said" : undefined,
  };
  if (mark.is !== "comment") return <span {...common}><Words mark={mark} /></span>;
  return (
    <button
      type="button"
      {...common}
      aria-label={t("player.said", { name: mark.name, text: mark.text })}
      onPointerDown={(event) => event.stopPropagation()}
      onClick={() => open(props, mark)}
    >
      <Words mark={mark} />
    </button>
  );
}

/** What the bars leave of the screen. */
function freeOf({ store, playing, player }: SaidProps): ScreenRect {
  const { w, h } = store.viewport.peek();
  const { top, right, bottom } = playing.insets.peek();
  const below = bottom + (player.following.peek() ? 0 : WAY_BACK_PX);
  return { x: EDGE_PX, y: top, w: w - right - EDGE_PX, h: h - below - top };
}

type Place = Pick<Bubble, "at" | "around">;
const NOWHERE: Place = { at: null, around: null };

/** A thread is where its pin is, another object where it is; a reaction where the speaker pointed. */
function placeOf({ store, board, player }: SaidProps, { is, at, object }: Mark): Place {
  const camera = store.camera.peek();
  const boxOf = (id: ObjectId | null): ScreenRect | null => {
    const rect = id === null ? null : board.rectShown(id);
    if (rect === null) return null;
    const { x, y } = boardToScreen(camera, rect);
    return { x, y, w: rect.w * camera.zoom, h: rect.h * camera.zoom };
  };
  if (is === "reaction") {
    const point = player.pointedAt(at);
    return { at: point && boardToScreen(camera, point), around: null };
  }
  const view = object === null ? undefined : store.scene.objects.get(object);
  if (view?.kind === Kind.THREAD) {
    const anchor = anchorOf(view);
    const point = anchorPoint(anchor, board.rectShown);
    return { at: point && boardToScreen(camera, point), around: boxOf(anchor.object) };
  }
  const around = view === undefined ? null : boxOf(view.id);
  return around === null ? NOWHERE : { at: { x: around.x + around.w, y: around.y }, around };
}

const sameKeys = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean => a.size === b.size && [...a].every((key) => b.has(key));

/** Without the thread that is open: its card says it. */
function saidNow({ player, tooling }: SaidProps): readonly Mark[] {
  return player.said.value.filter(({ object }) => object === null || object !== tooling.thread.value);
}

export function SaidOnBoard(props: SaidProps): JSX.Element {
  const { playing, player, board, placed } = props;
  const layer = useRef<HTMLDivElement>(null);
  const marks = saidNow(props);

  const place = (): void => {
    const bubbles: Bubble[] = [];
    const elements: HTMLElement[] = [];
    for (const mark of marks) {
      const element = layer.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(mark.key)}"]`) ?? null;
      if (element === null) continue;
      elements.push(element);
      bubbles.push({ ...placeOf(props, mark), w: element.offsetWidth, h: element.offsetHeight });
    }
    const now = new Set<string>();
    placeBubbles(bubbles, freeOf(props)).forEach((at, i) => {
      const element = elements[i]!;
      element.style.visibility = at === null ? "hidden" : "visible";
      if (at === null) return;
      element.style.transform = `translate(${at.x}px, ${at.y}px)`;
      now.add(element.dataset["key"]!);
    });
    if (!sameKeys(placed.peek(), now)) placed.value = now;
  };
  useLayoutEffect(place);
  useLayoutEffect(() => {
    const stops = [board.onFrame(place), playing.insets.subscribe(place), player.following.subscribe(place)];
    return () => {
      for (const stop of stops) stop();
    };
  });
  return (
    <div ref={layer}>
      {marks.map((mark) => (
        <Saying key={mark.key} {...props} mark={mark} at="board" shown={placed.value.has(mark.key)} />
      ))}
    </div>
  );
}

export function SaidAtBar(props: SaidProps): JSX.Element {
  const { placed } = props;
  const marks = saidNow(props).filter(({ key }) => !placed.value.has(key));
  return (
    <div class="said">
      {marks.map((mark) => <Saying key={mark.key} {...props} mark={mark} at="bar" shown />)}
    </div>
  );
}
