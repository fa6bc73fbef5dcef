import { useCallback } from "preact/hooks";
import { useSaid } from "../now.ts";
import { clockText, durationText, relativeText } from "../said-time.ts";

interface Moment {
  readonly at: number;
}

/** `4 min ago`, `in 2 h`. */
export function Ago({ at }: Moment) {
  return <Time at={at} said={useSaid(useCallback((now) => relativeText(at, now), [at]))} />;
}

/** How long since: `4 min`. */
export function Since({ at }: Moment) {
  return <Time at={at} said={useSaid(useCallback((now) => durationText(now - at), [at]))} />;
}

/** The time of day, and what day when it is another. */
export function At({ at }: Moment) {
  return <Time at={at} said={useSaid(useCallback((now) => clockText(at, now), [at]))} />;
}

function Time({ at, said }: { readonly at: number; readonly said: string }) {
  return (
    <time dateTime={new Date(at).toISOString()} title={new Date(at).toLocaleString()}>
      {said}
    </time>
  );
}
