import { useState } from "preact/hooks";
import type { ItemSession } from "../../documents/index.ts";
import { Badge } from "../parts/badge.tsx";
import { Many } from "../parts/many.tsx";
import { Shown, shownText } from "../parts/shown.tsx";
import { hashOf } from "../routes.ts";
import { DiffView } from "./diff-view.tsx";
import { EvidenceView } from "./evidence-view.tsx";
import { SessionFacts } from "./session-facts.tsx";
import { sessionTone, sessionWord } from "./session-words.ts";

/** Who worked on it, the newest first, each with what was found of the work. */
export function ItemSessions({ sessions }: { readonly sessions: readonly ItemSession[] }) {
  return (
    <Many of={sessions.toReversed()} what="sessions" first={10} class="item-sessions">
      {(session) => <OneSession key={session.id} session={session} />}
    </Many>
  );
}

function OneSession({ session }: { readonly session: ItemSession }) {
  const { id, kind, summary, evidence, hasDiff } = session;
  const [isOpen, setOpen] = useState(false);
  const [isDiffOpen, setDiffOpen] = useState(false);
  return (
    <li class="item-session">
      <p>
        <a class="mono" data-row href={hashOf({ page: "session", sessionId: id })}>
          {shownText(id, 80)}
        </a>{" "}
        <Badge tone={sessionTone(session)}>{sessionWord(session)}</Badge>{" "}
        {kind === "verify" && <span class="hint">verification</span>}
      </p>
      {summary && (
        <p>
          <Shown text={summary} />
        </p>
      )}
      <SessionFacts session={session} />
      {evidence !== null && (
        <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
          <summary>Evidence</summary>
          {isOpen && <EvidenceView evidence={evidence} />}
        </details>
      )}
      {hasDiff && (
        <details onToggle={({ currentTarget }) => setDiffOpen(currentTarget.open)}>
          <summary>Changes</summary>
          {isDiffOpen && <DiffView sessionId={id} />}
        </details>
      )}
    </li>
  );
}
