import { memo } from "preact/compat";
import { Shown, shownText } from "../parts/shown.tsx";
import { eventRow } from "./event-row.ts";
import { mostLineLength } from "./log-lines.ts";
import { Moment } from "./moment.tsx";
import type { NumberedLine } from "./numbered-lines.ts";
import type { LogName } from "./read-log.ts";
import { withoutStyles } from "./without-styles.ts";

interface LineProps {
  readonly line: NumberedLine;
  readonly log: LogName;
  /** With the control characters that stand in it. */
  readonly isRaw: boolean;
}

/** Drawn once, however often others come after it. */
export const LineOfLog = memo(({ line, log, isRaw }: LineProps) =>
  log === "events" ? <EventLine line={line} /> : <OutputLine line={line} isRaw={isRaw} />,
);

function EventLine({ line }: Pick<LineProps, "line">) {
  const { at, tone, what, text } = eventRow(line.text);
  return (
    <div class={`log-line event ${tone}`}>
      {at !== null && (
        <span class="log-time">
          <Moment at={at} />
        </span>
      )}
      <span class="log-what">
        <Shown text={what} most={60} />
      </span>
      <span class="log-text">
        <Shown text={text} most={mostLineLength} />
        <Dropped of={Math.max(line.dropped, text.length - mostLineLength)} />
      </span>
    </div>
  );
}

function OutputLine({ line, isRaw }: Pick<LineProps, "line" | "isRaw">) {
  return (
    <div class="log-line">
      <span class="log-text">
        {shownText(isRaw ? line.text : withoutStyles(line.text), mostLineLength)}
        <Dropped of={line.dropped} />
      </span>
    </div>
  );
}

const Dropped = ({ of }: { readonly of: number }) =>
  of > 0 ? <span class="hint"> … {of.toLocaleString("en-US")} more characters</span> : null;
