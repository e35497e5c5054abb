// The one icon family (lucide) as inline SVG, and Plenum's own mark. Icons are decoration: the control they stand in
// has the name.

import type { IconNode } from "lucide";
import { h } from "preact";
import type { JSX } from "preact";

export function Icon(props: { readonly of: IconNode; readonly size?: number }): JSX.Element {
  const size = props.size ?? 18;
  return (
    <svg
      class="icon"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width={1.75}
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      {props.of.map(([tag, attributes], i) => h(tag, { ...attributes, key: i }))}
    </svg>
  );
}

/** Three papers, one of them lifted: the mark on home and welcome pages. */
export function Mark(props: { readonly size: number }): JSX.Element {
  return (
    <svg width={props.size} height={props.size} viewBox="0 0 32 32" aria-hidden="true">
      <rect x="2" y="9" width="15" height="15" rx="3.5" fill="var(--p0)" />
      <rect x="13" y="14" width="15" height="15" rx="3.5" fill="var(--p2)" />
      <rect x="11" y="3" width="16" height="16" rx="4" fill="var(--accent)" />
      <path d="M15.5 9h7M15.5 13h4" stroke="var(--on-accent)" stroke-width="2" stroke-linecap="round" />
    </svg>
  );
}
