import { now } from "../now.ts";
import { clockText } from "../said-time.ts";

/** The time of day, written once: in a list of thousands nothing ticks. */
export const Moment = ({ at }: { readonly at: number }) => (
  <time dateTime={new Date(at).toISOString()} title={new Date(at).toLocaleString()}>
    {clockText(at, now())}
  </time>
);
