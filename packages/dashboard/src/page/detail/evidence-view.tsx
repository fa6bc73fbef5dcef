import type { Json } from "@agent-control-plane/core";
import { Badge } from "../parts/badge.tsx";
import { Shown, shownText } from "../parts/shown.tsx";
import { durationText } from "../said-time.ts";
import { Facts } from "./facts.tsx";
import { type Check, type Evidence, readEvidence } from "./read-evidence.ts";
import { withoutStyles } from "./without-styles.ts";

/** What the host itself found of a session's work: commits, files, guards, checks. */
export function EvidenceView({ evidence }: { readonly evidence: Json }) {
  const found = readEvidence(evidence);
  if (!found) return <p class="hint">Nothing is concluded yet.</p>;
  return (
    <div class="evidence">
      <Facts
        of={[
          ["Summary", found.summary && <Shown text={found.summary} />],
          ["Reason", found.reason && <code>{shownText(found.reason)}</code>],
          ["Commits", commitsOf(found)],
          ["Files", found.files.length > 0 && filesText(found)],
        ]}
      />
      {found.guards.length > 0 && (
        <ul class="guards">
          {found.guards.slice(0, 20).map(({ code, verdict, found: what }) => (
            <li key={code}>
              <Badge tone={verdict === "refuse" ? "bad" : "person"}>{shownText(verdict, 40)}</Badge>{" "}
              <code>{shownText(code, 80)}</code> <Shown text={what.join(", ")} />
            </li>
          ))}
        </ul>
      )}
      {found.checks !== null && (
        <ul class="checks">
          {found.checks.slice(0, 50).map((check, index) => (
            <CheckRow key={index} check={check} />
          ))}
        </ul>
      )}
    </div>
  );
}

function CheckRow({ check: { name, command, exitCode, durationMs, tail } }: { readonly check: Check }) {
  const took = durationMs === null ? "" : durationText(durationMs);
  return (
    <li>
      <details>
        <summary>
          <Badge tone={exitCode === 0 ? "good" : "bad"}>{exitCode === 0 ? "passed" : "failed"}</Badge>{" "}
          <Shown text={name} most={120} />{" "}
          <span class="hint">
            {[exitCode !== 0 && exitCode !== null && `exit code ${exitCode}`, took].filter(Boolean).join(", ")}
          </span>
        </summary>
        <pre class="printed">
          $ {shownText(command, 500)}
          {"\n"}
          {shownText(withoutStyles(tail.slice(-20_000)), 20_000)}
        </pre>
      </details>
    </li>
  );
}

function commitsOf({ commits, startSha, headSha }: Evidence) {
  if (headSha === null) return null;
  const range = [startSha, headSha].flatMap((sha) => (sha ? [sha.slice(0, 12)] : [])).join("..");
  return (
    <>
      {commits ?? "?"} (<code>{shownText(range, 30)}</code>)
    </>
  );
}

function filesText({ files }: Evidence): string {
  const sum = (of: (file: Evidence["files"][number]) => number) => files.reduce((all, file) => all + of(file), 0);
  return `${files.length}, +${sum(({ additions }) => additions)} −${sum(({ deletions }) => deletions)}`;
}
