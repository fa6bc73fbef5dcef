import type { ProfileDocument, ShownSession } from "../../documents/index.ts";
import { tokensIn } from "../amounts.ts";
import type { matching } from "../matching.ts";
import { Badge, type Tone } from "../parts/badge.tsx";
import { Many } from "../parts/many.tsx";
import { Shown, shownText } from "../parts/shown.tsx";
import { SubjectLink } from "../parts/subject.tsx";
import { Ago } from "../parts/times.tsx";
import { hashOf } from "../routes.ts";
import { countText, durationText, moneyText } from "../said-time.ts";
import { laneText, outcomeText } from "../words.ts";

interface SessionListProps {
  readonly of: readonly ShownSession[];
  readonly profileId: string;
  readonly titles: { readonly [subject: string]: string };
}

const tones: Readonly<Record<string, Tone>> = {
  ...{ published: "good", "needs-human": "person", "try-again": "wait", "nothing-to-do": "off" },
};

/** Sessions that have ended: what came of each, and what it took. */
export function SessionList({ of, profileId, titles }: SessionListProps) {
  return (
    <Many of={of} what="runs">
      {(session) => (
        <li class="row" key={session.id}>
          <div class="row-main">
            <SubjectLink {...{ profileId }} subject={session.subject} title={titles[session.subject]} />
            <p class="row-sub">
              <Shown text={session.summary ?? endOf(session)} />
            </p>
          </div>
          <div class="row-side">
            <p class="row-facts">
              <Badge tone={tones[session.outcome ?? ""] ?? "off"}>{outcomeText(session.outcome)}</Badge>
              <span>{laneText(session.lane)}</span>
              {session.attempt > 1 && <span>try {session.attempt}</span>}
              <span class="row-clock">{session.endedAt !== null && <Ago at={session.endedAt} />}</span>
            </p>
            <p class="row-facts hint">
              <span>{shownText(session.model ?? session.backend, 40)}</span>
              <span>{effortOf(session)}</span>
              <a href={hashOf({ page: "session", sessionId: session.id })}>
                Log<span class="unseen"> of session {shownText(session.id, 60)}</span>
              </a>
            </p>
          </div>
        </li>
      )}
    </Many>
  );
}

/** Pure. By everything that is shown of it. */
export const runFits = (
  { id, subject, lane, outcome, exitReason, summary, model, backend }: ShownSession,
  { profileId, titles }: Pick<ProfileDocument, "profileId" | "titles">,
  fits: ReturnType<typeof matching>,
): boolean =>
  fits(
    ...[profileId, id, subject, `#${subject.split(":")[1]}`, titles[subject], lane, laneText(lane)],
    ...[outcomeText(outcome), exitReason, summary, model, backend],
  );

const endOf = ({ exitReason }: ShownSession): string => (exitReason === null ? "" : `It ended: ${exitReason}.`);

function effortOf({ startedAt, endedAt, spend }: ShownSession): string {
  const took = startedAt !== null && endedAt !== null ? [durationText(endedAt - startedAt)] : [];
  const tokens = spend ? [`${countText(tokensIn(spend.usage))} tokens`] : [];
  const usd = spend?.usage.costUsd === undefined ? [] : [moneyText(spend.usage.costUsd)];
  return [...took, ...tokens, ...usd].join(", ");
}
