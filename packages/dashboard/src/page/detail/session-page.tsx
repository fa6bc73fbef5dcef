import type { LiveSession, SessionDocument } from "../../documents/index.ts";
import { ActButton } from "../acts/act-button.tsx";
import { type Board, readable } from "../board.ts";
import { Badge } from "../parts/badge.tsx";
import { Section } from "../parts/section.tsx";
import { Shown, shownText } from "../parts/shown.tsx";
import { SubjectLink } from "../parts/subject.tsx";
import { hashOf, type Place } from "../routes.ts";
import { Asked } from "./asked.tsx";
import "./detail.css";
import { DiffView } from "./diff-view.tsx";
import { EvidenceView } from "./evidence-view.tsx";
import { SessionFacts } from "./session-facts.tsx";
import { SessionLogs } from "./session-logs.tsx";
import { SessionNow } from "./session-now.tsx";
import { sessionTone, sessionWord } from "./session-words.ts";
import { useSession } from "./use-session.ts";
import { useSlowly } from "./use-slowly.ts";

interface SessionPageProps {
  readonly sessionId: string;
  readonly board: Board;
}

/** One session: what it is for, what it does now, what it printed, what came of it. */
export function SessionPage({ sessionId, board }: SessionPageProps) {
  const profile = readable(board).find(({ live, recent }) => [...live, ...recent].some(({ id }) => id === sessionId));
  const fetched = useSession(sessionId, useSlowly(profile, 3_000));
  const live = profile?.live.find(({ id }) => id === sessionId) ?? null;
  return (
    <div class="page detail">
      <Asked fetched={fetched} title={`Session ${sessionId}`}>
        {(session) => (
          <Session
            session={live ? { ...session, ...live } : session}
            live={live}
            title={profile?.titles[session.subject] ?? session.title ?? ""}
          />
        )}
      </Asked>
    </div>
  );
}

interface SessionProps {
  readonly session: SessionDocument;
  readonly live: LiveSession | null;
  readonly title: string;
}

function Session({ session, live, title }: SessionProps) {
  const { id, profileId, subject, evidence, hasDiff, summary } = session;
  return (
    <>
      <header class="detail-head">
        <p class="crumbs">
          <a href={hashOf(placeOf(profileId))}>{shownText(profileId, 80)}</a>
          <span aria-hidden="true"> / </span>
          <SubjectLink {...{ profileId, subject, title }} />
        </p>
        <h1>
          Session <span class="mono">{shownText(id, 80)}</span>{" "}
          <Badge tone={sessionTone(session)}>{sessionWord(session)}</Badge>
        </h1>
        {live && <ActButton name="stop-session" body={{ session: id }} about={`${subject}, session ${id}`} />}
        {summary && (
          <p>
            <Shown text={summary} />
          </p>
        )}
      </header>
      {live && <SessionNow activity={live.activity} />}
      <Section id="session-facts" title="Facts">
        <SessionFacts session={session} />
      </Section>
      <SessionLogs session={session} isRunning={session.endedAt === null} />
      {evidence !== null && (
        <Section
          id="session-evidence"
          title="Evidence"
          hint="What the host itself found; nothing here is the agent's word."
        >
          <EvidenceView evidence={evidence} />
        </Section>
      )}
      {hasDiff && (
        <Section id="session-diff" title="Changes">
          <DiffView sessionId={id} />
        </Section>
      )}
    </>
  );
}

/** Sessions of flows have the flow's queue where others have a profile. */
const placeOf = (profileId: string): Place =>
  profileId.startsWith("flow:")
    ? { page: "flow", flowId: profileId.slice("flow:".length) }
    : { page: "profile", profileId };
