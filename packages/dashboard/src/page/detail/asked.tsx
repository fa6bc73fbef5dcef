import type { ComponentChildren } from "preact";
import type { Fetched } from "../fetch-json.ts";
import { shownText } from "../parts/shown.tsx";

interface AskedProps<T> {
  readonly fetched: Fetched<T> | null;
  /** Of the page that waits for it, so that it has a heading then, too. */
  readonly title?: string;
  readonly children: (value: T) => ComponentChildren;
}

/** What was asked for, or that it is on its way, or why it does not come. */
export function Asked<T>({ fetched, title, children }: AskedProps<T>) {
  if (fetched?.ok) return <>{children(fetched.value)}</>;
  return (
    <>
      {title && <h1>{shownText(title, 120)}</h1>}
      {fetched === null ? (
        <p class="hint loading">Reading…</p>
      ) : (
        <p class="error" role="alert">
          {shownText(fetched.message)}
        </p>
      )}
    </>
  );
}
