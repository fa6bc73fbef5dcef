import type { Instant } from "../domain/time.ts";
import type { Clock } from "../ports.ts";
import { logEvent } from "./events.ts";
import type { Executor } from "./executor.ts";
import { all, count, type Operation } from "./statement.ts";
import type { DecisionStore, StoredDecision } from "./store.ts";

export function decisionStore(executor: Executor, clock: Clock): DecisionStore {
  return {
    // A tick in which nothing changed takes no lock: the answer stands before whatever another runtime writes then.
    replace: async (profileId, decisions, actor) => {
      if (await executor.read(() => areSaved(profileId, decisions))) return;
      await executor.write(() => replaceDecisions(profileId, decisions, actor, clock.now()));
    },
    list: (profileId) => executor.read(() => listDecisions(profileId)),
    waitingForHost: (servedSince) => executor.read(() => countWaitingForHost(servedSince)),
  };
}

function* areSaved(profileId: string, decisions: readonly StoredDecision[]): Operation<boolean> {
  if (decisions.some(({ verdict }) => verdict === "launch")) return false;
  const saved = new Map((yield* listDecisions(profileId)).map((decision) => [keyOf(decision), decision]));
  return (
    saved.size === decisions.length &&
    decisions.every((decision) => {
      const before = saved.get(keyOf(decision));
      return before !== undefined && saysTheSame(before, decision) && before.place === decision.place;
    })
  );
}

/** Every tick comes here with mostly the same decisions: what says the same is neither written nor logged. */
function* replaceDecisions(
  profileId: string,
  decisions: readonly StoredDecision[],
  actor: string,
  now: Instant,
): Operation<void> {
  const hasStarted = decisions.some(({ verdict }) => verdict === "launch");
  const gone = new Map((yield* listDecisions(profileId)).map((decision) => [keyOf(decision), decision]));
  for (const decision of decisions) {
    const before = gone.get(keyOf(decision));
    gone.delete(keyOf(decision));
    const sameVerdict = before?.verdict === decision.verdict && before.reason === decision.reason;
    const isSame = before !== undefined && saysTheSame(before, decision);
    const startsAnew = hasStarted && waitsForHost(decision);
    if (isSame && before.place === decision.place && !startsAnew) continue;
    const stands = (isSame || waitsOn(before, decision)) && !startsAnew;
    const decidedAt = before && stands ? before.decidedAt : decision.decidedAt;
    yield* saveDecision({ ...decision, profileId, decidedAt });
    // A detail may count minutes down; only another verdict or reason is a change worth a line in the log.
    if (!sameVerdict) yield* logChange(profileId, decision, decision.verdict, actor, now);
  }
  for (const decision of gone.values()) {
    yield* forgetDecision(decision);
    yield* logChange(profileId, decision, null, actor, now);
  }
}

const saysTheSame = (before: StoredDecision, { verdict, reason, detail }: StoredDecision): boolean =>
  before.verdict === verdict && before.reason === reason && before.detail === detail;

const waitsForHost = ({ reason }: StoredDecision): boolean => reason === "host-full" || reason === "fair-share";

/**
 * Whoever waits for a place on the host waits on, whichever of the two reasons it is told in the meantime; a profile
 * that was given a place begins to wait anew. So the places go round.
 */
const waitsOn = (before: StoredDecision | undefined, decision: StoredDecision): boolean =>
  before !== undefined && waitsForHost(before) && waitsForHost(decision);

function* saveDecision(decision: StoredDecision): Operation<void> {
  yield* count(
    `insert into decisions (profile_id, subject, lane, verdict, reason, detail, place, decided_at)
     values (@profileId, @subject, @lane, @verdict, @reason, @detail, @place, @decidedAt)
     on conflict (profile_id, subject, lane) do update set verdict = excluded.verdict, reason = excluded.reason,
        detail = excluded.detail, place = excluded.place, decided_at = excluded.decided_at`,
    { ...decision },
  );
}

function* forgetDecision({ profileId, subject, lane }: StoredDecision): Operation<void> {
  yield* count(`delete from decisions where profile_id = @profileId and subject = @subject and lane = @lane`, {
    profileId,
    subject,
    lane,
  });
}

function* logChange(
  profileId: string,
  decision: StoredDecision,
  verdict: StoredDecision["verdict"] | null,
  actor: string,
  now: Instant,
): Operation<void> {
  const { subject, lane, reason, detail } = decision;
  const body = verdict === null ? { lane, verdict } : { lane, verdict, reason, detail };
  yield* logEvent({ kind: "decision.changed", actor, profileId, subject, body }, now);
}

function* listDecisions(profileId: string): Operation<readonly StoredDecision[]> {
  return yield* all<StoredDecision>(
    `select profile_id as "profileId", subject, lane, verdict, reason, detail, place, decided_at as "decidedAt"
       from decisions where profile_id = @profileId order by subject, lane`,
    { profileId },
  );
}

type Waiting = Awaited<ReturnType<DecisionStore["waitingForHost"]>>[number];

function* countWaitingForHost(servedSince: Instant): Operation<readonly Waiting[]> {
  return yield* all<Waiting>(
    `select profile_id as "profileId", count(*) as count, min(decided_at) as since from decisions
      where reason in ('host-full', 'fair-share') and profile_id in (
        select value from runtimes, json_each(runtimes.profile_ids) where heartbeat_at > @servedSince)
      group by profile_id order by profile_id`,
    { servedSince },
  );
}

/** A lane's name has no space. */
const keyOf = ({ subject, lane }: StoredDecision): string => `${lane} ${subject}`;
