// A part of the interface that is fetched when it is first shown: what few need at once stays out of the first load. The
// service worker has it beforehand, so it is there without a network, too.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

type Part<P> = (props: P) => JSX.Element | null;

/** Shows nothing until it is there. A fetch that failed is tried again the next time the part is shown. */
export function lazy<P extends object>(load: () => Promise<Part<P>>): Part<P> {
  let known: Part<P> | null = null;
  return function Lazy(props: P): JSX.Element | null {
    const [shown, setShown] = useState<{ readonly part: Part<P> } | null>(known && { part: known });
    useEffect(() => {
      if (shown !== null) return;
      let here = true;
      load().then((part) => {
        known = part;
        if (here) setShown({ part });
      }, console.warn);
      return () => void (here = false);
    }, []);
    return shown && <shown.part {...props} />;
  };
}
