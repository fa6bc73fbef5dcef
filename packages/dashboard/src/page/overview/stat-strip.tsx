import type { ComponentChildren } from "preact";
import { Meter } from "../parts/meter.tsx";
import { shownText } from "../parts/shown.tsx";
import { Ago } from "../parts/times.tsx";
import { hashOf, type Query } from "../routes.ts";
import { countText, moneyText } from "../said-time.ts";
import { counted, publishedText } from "../words.ts";
import type { Totals } from "./totals.ts";

/** The host at a glance; what can be listed is a link to its list. */
export function StatStrip({ totals, query }: { readonly totals: Totals; readonly query: Query }) {
  const { running, room, waiting, asking } = totals;
  return (
    <ul class="strip" aria-label="At a glance">
      <Figure
        name="Running"
        state="running"
        {...{ query }}
        value={String(running)}
        of={room === null ? null : String(room)}
      >
        {room !== null && (
          <Meter label="Room for sessions that is taken" value={running} most={room} warn={2} bad={2} />
        )}
      </Figure>
      <Figure name="Waiting" state="waiting" {...{ query }} value={String(waiting)}>
        <span class="hint">{waiting === 0 ? "nothing in line" : "see why"}</span>
      </Figure>
      <Figure
        name="Needs a person"
        state="person"
        {...{ query }}
        value={String(asking)}
        tone={asking > 0 ? "person" : ""}
      >
        <span class="hint">{asking === 0 ? "nothing" : "see what to do"}</span>
      </Figure>
      <Published totals={totals} />
      <SpentToday totals={totals} />
      <Allowance totals={totals} />
    </ul>
  );
}

function Published({ totals: { published, failedWrites } }: { readonly totals: Totals }) {
  const kinds = Object.entries(published).sort(([, a], [, b]) => b - a);
  const total = kinds.reduce((sum, [, count]) => sum + count, 0);
  const telling = ["open-pull-request", "merge"].flatMap((kind) => {
    const count = published[kind];
    return count ? [publishedText(kind, count)] : [];
  });
  return (
    <Figure name="Published today" value={String(total)}>
      <span class="hint" title={kinds.map(([kind, count]) => publishedText(kind, count)).join(", ")}>
        {failedWrites > 0 ? (
          <a class="bad-text" href={hashOf({ page: "outbox" }, { state: "failed" })}>
            {counted(failedWrites, "write")} failed
          </a>
        ) : (
          telling.join(", ") || "writes to the forge"
        )}
      </span>
    </Figure>
  );
}

function SpentToday({ totals: { usd, usdLimit, tokens } }: { readonly totals: Totals }) {
  return (
    <Figure name="Spent today" value={moneyText(usd)} of={usdLimit === null ? null : moneyText(usdLimit)}>
      {usdLimit === null ? (
        <span class="hint">{countText(tokens)} tokens</span>
      ) : (
        <Meter label="Part of the day's budget that is spent" value={usd} most={usdLimit} />
      )}
    </Figure>
  );
}

function Allowance({ totals: { allowance } }: { readonly totals: Totals }) {
  if (allowance === null)
    return (
      <Figure name="GitHub allowance" value="–">
        <span class="hint">not told yet</span>
      </Figure>
    );
  const { left, limit, resource, resetsAt } = allowance;
  return (
    <Figure
      name={`GitHub ${shownText(resource, 30)}`}
      value={left.toLocaleString("en-US")}
      of={limit.toLocaleString("en-US")}
    >
      <span class="hint">
        left, anew <Ago at={resetsAt} />
      </span>
    </Figure>
  );
}

interface FigureProps {
  readonly name: string;
  readonly value: string;
  readonly of?: string | null;
  readonly tone?: string;
  readonly state?: string;
  readonly query?: Query;
  readonly children?: ComponentChildren;
}

function Figure({ name, value, of = null, tone = "", state, query = {}, children }: FigureProps) {
  const isChosen = state !== undefined && query.state === state;
  const body = (
    <>
      <span class="figure-name">{name}</span>
      <span class={`figure-value ${tone}`}>
        {value}
        {of !== null && <span class="figure-of"> of {of}</span>}
      </span>
      <span class="figure-more">{children}</span>
    </>
  );
  if (state === undefined)
    return (
      <li class="figure">
        <div class="figure-body">{body}</div>
      </li>
    );
  const next = isChosen ? { ...query, state: "" } : { ...query, state };
  return (
    <li class={isChosen ? "figure chosen" : "figure"}>
      <a class="figure-body" href={hashOf({ page: "overview" }, next)} aria-current={isChosen ? "true" : undefined}>
        {body}
      </a>
    </li>
  );
}
