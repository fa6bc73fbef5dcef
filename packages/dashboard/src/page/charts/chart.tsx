import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import "./charts.css";

export interface ChartLine {
  readonly label: string;
  /** A custom property of colours.css: `--run`. */
  readonly colour: string;
  readonly values: readonly (number | null)[];
  readonly isFilled?: boolean;
  /** Stays as it is until the next value, as a count does. */
  readonly isStepped?: boolean;
}

interface ChartProps {
  readonly at: readonly number[];
  readonly lines: readonly ChartLine[];
  readonly said: (value: number) => string;
  /** Between the lines of the grid; absent: round numbers. */
  readonly steps?: readonly number[] | undefined;
}

const height = 180;

/**
 * Lines over time. A picture only: what it shows is said beside it and stands in a table. Drawn anew when the width, the
 * theme or the values change.
 */
export function Chart({ at, lines, said, steps }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const box = place.current;
    if (!box) return;
    let plot = drawn(box, { at, lines, said, steps });
    const redraw = () => {
      plot.destroy();
      plot = drawn(box, { at, lines, said, steps });
    };
    const sized = new ResizeObserver(() => plot.setSize({ width: box.clientWidth, height }));
    sized.observe(box);
    const themed = new MutationObserver(redraw);
    themed.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    const system = matchMedia("(prefers-color-scheme: dark)");
    system.addEventListener("change", redraw);
    return () => {
      sized.disconnect();
      themed.disconnect();
      system.removeEventListener("change", redraw);
      plot.destroy();
    };
  }, [at, lines, said, steps]);
  return <div class="chart" ref={place} aria-hidden="true" />;
}

function drawn(box: HTMLElement, { at, lines, said, steps }: ChartProps): uPlot {
  const colour = colours(box);
  const axis = { stroke: colour("--quiet"), font: "11px system-ui, sans-serif", ticks: { show: false } };
  const grid = { stroke: colour("--line"), width: 1 };
  const values = (_: uPlot, splits: number[]) => splits.map((value) => said(value));
  const options: uPlot.Options = {
    ...{ width: box.clientWidth, height, legend: { show: false }, padding: [10, 12, 0, 0] },
    cursor: { y: false, points: { size: 6 }, drag: { x: false, y: false } },
    scales: { y: { range: (_, __, most) => [0, most > 0 ? most * 1.08 : 1] } },
    axes: [
      { ...axis, grid: { show: false }, size: 26, space: 70, values: timesOf },
      { ...axis, grid, size: 58, space: 36, values, ...(steps ? { incrs: [...steps] } : {}) },
    ],
    series: [{}, ...lines.map((line) => seriesOf(line, colour(line.colour)))],
    hooks: { setCursor: [(plot) => tell(box, plot, lines, said)] },
  };
  return new uPlot(options, [at.map((ms) => ms / 1_000), ...lines.map((line) => [...line.values])], box);
}

/** A canvas knows no custom properties, nor which half of `light-dark` holds. */
function colours(box: HTMLElement): (name: string) => string {
  const probe = document.createElement("span");
  box.append(probe);
  return (name) => {
    probe.style.color = `var(${name})`;
    const colour = getComputedStyle(probe).color;
    return colour;
  };
}

const seriesOf = ({ label, isFilled, isStepped }: ChartLine, stroke: string): uPlot.Series => ({
  ...{ label, stroke, width: 1.75, points: { show: false }, spanGaps: false },
  ...(isFilled ? { fill: stroke.replace(/^rgb\((.*)\)$/, "rgba($1, 0.14)") } : {}),
  ...(isStepped && uPlot.paths.stepped ? { paths: uPlot.paths.stepped({ align: 1 }) } : {}),
});

/** As the reader's clock has it: the time of day, and a date where days go by. */
function timesOf(_: uPlot, splits: number[], __: number, ___: number, step: number): string[] {
  const format: Intl.DateTimeFormatOptions =
    step >= 86_400 ? { day: "numeric", month: "short" } : { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  return splits.map((seconds) => new Date(seconds * 1_000).toLocaleString(undefined, format));
}

/** What the pointer stands on, in the line below the picture. */
function tell(box: HTMLElement, plot: uPlot, lines: readonly ChartLine[], said: (value: number) => string): void {
  const told = box.parentElement?.querySelector(".chart-told");
  if (!told) return;
  const index = plot.cursor.idx;
  const at = index === null || index === undefined ? undefined : plot.data[0][index];
  if (at === undefined) told.textContent = "";
  else {
    const values = lines.map(({ label, values }) => {
      const value = values[index ?? 0];
      return `${label}: ${value === null || value === undefined ? "not known" : said(value)}`;
    });
    told.textContent = `${new Date(at * 1_000).toLocaleString()}  ${values.join(", ")}`;
  }
}
