import { useMemo } from "preact/hooks";
import type { Series } from "../../documents/index.ts";
import { countText, durationText, moneyText } from "../said-time.ts";
import type { ChartLine } from "./chart.tsx";
import { Trend } from "./trend.tsx";

/** The charts: what runs, how long work waits, what it costs, what is left of GitHub's allowance. */
export function Trends({ series }: { readonly series: Series }) {
  const lines = useMemo(() => linesOf(series), [series]);
  const { at } = series;
  if (at.length === 0)
    return <p class="nothing">Nothing is written down of this time. A runtime notes how it goes every five minutes.</p>;
  return (
    <div class="trends">
      <Trend
        id="t-sessions"
        title="Sessions"
        hint="What runs, and what waits to run."
        {...{ at, lines: lines.sessions, said: countText }}
      />
      <Trend
        id="t-age"
        title="Age of the queue"
        hint="How long the oldest of what could start has waited."
        {...{ at, lines: lines.age, said: secondsText, steps: ages }}
      />
      <Trend id="t-spend" title="Spend" hint="Of that day so far." {...{ at, lines: lines.spend, said: moneyText }} />
      <Trend
        id="t-tokens"
        title="Tokens"
        hint="Of that day so far."
        {...{ at, lines: lines.tokens, said: countText }}
      />
      <Trend
        id="t-allowance"
        title="GitHub's allowance"
        hint="Requests that are left of the hour."
        {...{ at, lines: lines.allowance, said: countText }}
      />
      <Trend
        id="t-outbox"
        title="Outbox"
        hint="Writes that wait to be sent."
        {...{ at, lines: lines.outbox, said: countText }}
      />
    </div>
  );
}

const [minute, hour, day] = [60, 3_600, 86_400];
const ages = [
  ...[1, 5, 15, 30].flatMap((n) => [n, n * minute]),
  ...[1, 2, 6, 12].map((n) => n * hour),
  ...[1, 2, 5, 10, 20, 50, 100].map((n) => n * day),
].sort((a, b) => a - b);

const secondsText = (seconds: number): string => durationText(seconds * 1_000);

/** Made once for each answer: a chart is drawn anew when its lines are others. */
const linesOf = (series: Series): Lines => ({
  sessions: [
    { label: "running", colour: "--run", values: series.running, isFilled: true, isStepped: true },
    { label: "waiting", colour: "--wait", values: series.waiting, isStepped: true },
  ],
  age: [{ label: "oldest", colour: "--person", values: series.oldestWaitS, isFilled: true }],
  spend: [{ label: "spent", colour: "--accent", values: series.usd, isFilled: true }],
  tokens: [{ label: "tokens", colour: "--off", values: series.tokens, isFilled: true }],
  allowance: [{ label: "left", colour: "--good", values: series.allowanceLeft, isFilled: true }],
  outbox: [{ label: "waiting", colour: "--wait", values: series.pending, isFilled: true, isStepped: true }],
});

interface Lines {
  readonly sessions: readonly ChartLine[];
  readonly age: readonly ChartLine[];
  readonly spend: readonly ChartLine[];
  readonly tokens: readonly ChartLine[];
  readonly allowance: readonly ChartLine[];
  readonly outbox: readonly ChartLine[];
}
