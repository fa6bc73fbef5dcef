import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

interface ManyProps<T> {
  readonly of: readonly T[];
  /** What they are, for the button: `items`. */
  readonly what: string;
  readonly first?: number;
  readonly class?: string;
  readonly children: (one: T) => ComponentChildren;
}

/** A list of which the first are drawn, and as many again whenever somebody asks. */
export function Many<T>({ of, what, first = 25, class: name = "rows", children }: ManyProps<T>) {
  const [shown, setShown] = useState(first);
  const more = Math.min(of.length - shown, Math.max(first, shown));
  return (
    <>
      <ul class={name}>{of.slice(0, shown).map(children)}</ul>
      {more > 0 && (
        <button type="button" class="button more" onClick={() => setShown(shown + more)}>
          Show {more} more of {of.length} {what}
        </button>
      )}
    </>
  );
}
