// The home page's picture: a corner of a board with stickies, a frame and two people's cursors, drawn with the theme's own
// colours. Decoration only.

import type { JSX } from "preact";

interface Paper {
  readonly x: number;
  readonly y: number;
  readonly color: number;
  readonly lines: readonly number[];
}

const PAPERS: readonly Paper[] = [
  { x: 36, y: 52, color: 0, lines: [52, 40] },
  { x: 152, y: 52, color: 1, lines: [44, 56, 30] },
  { x: 268, y: 52, color: 2, lines: [50] },
  { x: 36, y: 168, color: 3, lines: [38, 54] },
  { x: 152, y: 168, color: 4, lines: [56, 46, 52] },
];
const SIDE = 100;

function Lines(props: { readonly paper: Paper }): JSX.Element {
  const { x, y, lines } = props.paper;
  const top = y + SIDE / 2 - (lines.length * 14) / 2;
  return (
    <g fill="var(--on-p)" opacity="0.34">
      {lines.map((w, i) => (
        <rect key={i} x={x + (SIDE - w) / 2} y={top + i * 14} width={w} height="6" rx="3" />
      ))}
    </g>
  );
}

function Cursor(props: { readonly x: number; readonly y: number; readonly person: number; readonly name: string }): JSX.Element {
  const { x, y, person, name } = props;
  const color = `var(--person${person})`;
  return (
    <g transform={`translate(${x} ${y})`}>
      <path d="M0 0l6 18.5 3.6-7.7 8-3.2z" fill={color} stroke="#fff" stroke-width="1.6" stroke-linejoin="round" />
      <rect x="14" y="17" width={name.length > 2 ? 42 : 38} height="22" rx="6" fill={color} />
      <text x="22" y="32.4" fill="var(--on-person)" font-size="12" font-weight="600">{name}</text>
    </g>
  );
}

export function HeroArt(): JSX.Element {
  return (
    <svg class="hero-art" viewBox="0 0 420 320" aria-hidden="true">
      <rect x="12" y="28" width="380" height="264" rx="14" fill="var(--frame)" stroke="var(--border)" />
      {PAPERS.map((paper) => (
        <g key={`${paper.x} ${paper.y}`} class="paper">
          <rect x={paper.x} y={paper.y} width={SIDE} height={SIDE} rx="6" fill={`var(--p${paper.color})`} />
          <Lines paper={paper} />
        </g>
      ))}
      <g class="paper" transform="rotate(-5 322 222)">
        <rect x="272" y="172" width={SIDE} height={SIDE} rx="6" fill="var(--p5)" />
        <Lines paper={{ x: 272, y: 172, color: 5, lines: [46, 34] }} />
      </g>
      <Cursor x={356} y={258} person={1} name="李雷" />
      <Cursor x={112} y={132} person={2} name="Zoe" />
    </svg>
  );
}
