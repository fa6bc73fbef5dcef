import { useMemo, useState } from "preact/hooks";
import { eventRow } from "./event-row.ts";
import { LineOfLog } from "./line-of-log.tsx";
import type { NumberedLine } from "./numbered-lines.ts";
import type { LogName } from "./read-log.ts";
import { useLog } from "./use-log.ts";
import { usePlaceAtEnd } from "./use-place-at-end.ts";

interface LogProps {
  readonly sessionId: string;
  readonly log: LogName;
  readonly isRunning: boolean;
}

/** So many of the newest lines are drawn; who scrolls up asks for more. */
const firstLines = 600;

/** A log that grows while its session runs. It stays at the end as long as the reader does, and else where the reader is. */
export function LogView({ sessionId, log, isRunning }: LogProps) {
  const { lines, state, before, readBefore } = useLog(sessionId, log, isRunning);
  const [filter, setFilter] = useState("");
  const [isRaw, setRaw] = useState(false);
  const [drawn, setDrawn] = useState(firstLines);
  const kept = useMemo(() => keptLines(lines, log, filter, isRaw), [lines, log, filter, isRaw]);
  const place = usePlaceAtEnd(kept);
  const showEarlier = () => {
    if (kept.length <= drawn) readBefore();
    setDrawn(drawn + 2_000);
  };
  return (
    <div class="log-view">
      <div class="log-tools">
        <input
          type="search"
          placeholder="Filter lines"
          aria-label="Filter lines of the log"
          value={filter}
          onInput={({ currentTarget }) => setFilter(currentTarget.value)}
        />
        <label>
          <input type="checkbox" checked={isRaw} onChange={({ currentTarget }) => setRaw(currentTarget.checked)} />{" "}
          {log === "events" ? "Every event" : "Control characters"}
        </label>
        <span class="hint log-state">{stateText(state, isRunning)}</span>
      </div>
      {state !== "none" && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard
        <section class="log mono" ref={place.box} onScroll={place.onScroll} tabIndex={0} aria-label={`Log: ${log}`}>
          {(kept.length > drawn || before > 0) && (
            <button type="button" class="button more" onClick={showEarlier}>
              Show earlier lines
            </button>
          )}
          {kept.slice(-drawn).map((line) => (
            <LineOfLog key={line.key} {...{ line, log, isRaw }} />
          ))}
          {kept.length === 0 && state === "read" && <p class="hint">{filter ? "No line has this." : "Nothing yet."}</p>}
        </section>
      )}
      {!place.isAtEnd && (
        <button type="button" class="button to-end" onClick={place.toEnd}>
          Go to the end
        </button>
      )}
    </div>
  );
}

function keptLines(
  lines: readonly NumberedLine[],
  log: LogName,
  filter: string,
  isRaw: boolean,
): readonly NumberedLine[] {
  const wanted = filter.toLowerCase();
  const isQuiet = (text: string) => log === "events" && !isRaw && eventRow(text).isQuiet;
  return lines.filter(({ text }) => (wanted === "" || text.toLowerCase().includes(wanted)) && !isQuiet(text));
}

function stateText(state: ReturnType<typeof useLog>["state"], isRunning: boolean): string {
  if (state === "reading") return "Reading…";
  if (state === "failed") return "It cannot be read now.";
  if (state === "none") return "There is no such log (any more).";
  return isRunning ? "Follows as it is written" : "Complete";
}
