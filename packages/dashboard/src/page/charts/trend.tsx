import { useMemo } from "preact/hooks";
import { Moment } from "../detail/moment.tsx";
import { Chart, type ChartLine } from "./chart.tsx";
import { sampled } from "./sampled.ts";

interface TrendProps {
  readonly id: string;
  readonly title: string;
  readonly hint: string;
  readonly at: readonly number[];
  readonly lines: readonly ChartLine[];
  readonly said: (value: number) => string;
  readonly steps?: readonly number[];
}

/** A chart with what it says in words, and as a table. */
export function Trend({ id, title, hint, at, lines, said, steps }: TrendProps) {
  // The same list for the same lines: a chart is drawn anew for another.
  const told = useMemo(() => lines.filter(({ values }) => values.some((value) => value !== null)), [lines]);
  return (
    <section class="card trend" aria-labelledby={id}>
      <div class="card-head">
        <h2 id={id}>{title}</h2>
        <p class="hint">{hint}</p>
      </div>
      {told.length === 0 ? (
        <p class="nothing">Nothing is known of this time.</p>
      ) : (
        <>
          <ul class="legend">
            {told.map((line) => (
              <li key={line.label}>
                <span class={`swatch ${line.colour.slice(2)}`} aria-hidden="true" />
                {line.label}: <strong>{wordsOf(line, said)}</strong>
              </li>
            ))}
          </ul>
          <Chart {...{ at, lines: told, said, steps }} />
          <p class="chart-told hint" aria-hidden="true" />
          <details>
            <summary>As a table</summary>
            <Table {...{ title, at, lines: told, said }} />
          </details>
        </>
      )}
    </section>
  );
}

/** `3 now, 7 at most` */
function wordsOf({ values }: ChartLine, said: (value: number) => string): string {
  const known = values.filter((value) => value !== null);
  const last = values.at(-1);
  const now = last === null || last === undefined ? "not known now" : `${said(last)} now`;
  return `${now}, ${said(Math.max(...known))} at most`;
}

/** Few enough rows to be heard. */
const mostRows = 24;

function Table({ title, at, lines, said }: Pick<TrendProps, "title" | "at" | "lines" | "said">) {
  return (
    <div class="table-box">
      <table>
        <caption class="unseen">{title}</caption>
        <thead>
          <tr>
            <th scope="col">Time</th>
            {lines.map(({ label }) => (
              <th scope="col" key={label}>
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sampled(at.length, mostRows).map((index) => (
            <tr key={index}>
              <th scope="row">
                <Moment at={at[index] ?? 0} />
              </th>
              {lines.map(({ label, values }) => {
                const value = values[index];
                return <td key={label}>{value === null || value === undefined ? "not known" : said(value)}</td>;
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
