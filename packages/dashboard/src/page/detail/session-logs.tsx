import { useState } from "preact/hooks";
import type { SessionDocument } from "../../documents/index.ts";
import { Section } from "../parts/section.tsx";
import { LogView } from "./log-view.tsx";
import type { LogName } from "./read-log.ts";

interface SessionLogsProps {
  readonly session: SessionDocument;
  readonly isRunning: boolean;
}

const logNames: Readonly<Record<LogName, string>> = { events: "What it does", output: "What it prints" };

/** The logs that a session has, one of them open. */
export function SessionLogs({ session, isRunning }: SessionLogsProps) {
  const { id, logs } = session;
  const there = (Object.keys(logNames) as LogName[]).filter((name) => logs[name] !== null);
  const [wanted, want] = useState<LogName | null>(null);
  const shown = wanted ?? (logs.events ? "events" : there.at(-1));
  return (
    <Section id="session-log" title="Log">
      {shown === undefined ? (
        <p class="hint">{isRunning ? "Nothing is written yet." : "Its logs are not kept any more."}</p>
      ) : (
        <>
          {/* biome-ignore lint/a11y/useSemanticElements: buttons of which one is pressed, not a form */}
          <div class="choices" role="group" aria-label="Which log">
            {there.map((name) => (
              <button type="button" class="button" key={name} aria-pressed={name === shown} onClick={() => want(name)}>
                {logNames[name]}
              </button>
            ))}
          </div>
          <LogView sessionId={id} log={shown} isRunning={isRunning} key={shown} />
        </>
      )}
    </Section>
  );
}
