import type { ItemAbout } from "../domain/item-about.ts";
import type { Instant } from "../domain/time.ts";
import type { Clock } from "../ports.ts";
import { logEvent } from "./events.ts";
import type { Executor } from "./executor.ts";
import { all, count, type Operation } from "./statement.ts";
import type { AboutDecision, DecisionStore, NewDecision, StoredDecision } from "./store.ts";

export function decisionStore(executor: Executor, clock: Clock): DecisionStore {
  return {
    // A tick in which nothing changed takes no lock: the answer stands before whatever another runtime writes then.
    replace: async (profileId, decisions, actor) => {
      if (await executor.read(() => areSaved(profileId, decisions))) return;
      await executor.write(() => replaceDecisions(profileId, decisions, actor, clock.now()));
    },
    list: (profileId) => executor.read(() => listDecisions(profileId)),
    listAbout: (profileId) => executor.read(() => listAbout(profileId)),
    heldFor: (reasons) => executor.read(() => listHeldFor(reasons)),
    waitingForHost: (servedSince) => executor.read(() => countWaitingForHost(servedSince)),
  };
}

function* areSaved(profileId: string, decisions: readonly NewDecision[]): Operation<boolean> {
  if (decisions.some(({ verdict }) => verdict === "launch")) return false;
  const saved = new Map((yield* listRows(profileId)).map((decision) => [keyOf(decision), decision]));
  return (
    saved.size === decisions.length &&
    decisions.every((decision) => {
      const before = saved.get(keyOf(decision));
      return before !== undefined && saysTheSame(before, decision) && looksTheSame(before, decision);
    })
  );
}

/** Every tick comes here with mostly the same decisions: what says the same is neither written nor logged. */
function* replaceDecisions(
  profileId: string,
  decisions: readonly NewDecision[],
  actor: string,
  now: Instant,
): Operation<void> {
  const hasStarted = decisions.some(({ verdict }) => verdict === "launch");
  const gone = new Map((yield* listRows(profileId)).map((decision) => [keyOf(decision), decision]));
  for (const decision of decisions) {
    const before = gone.get(keyOf(decision));
    gone.delete(keyOf(decision));
    const sameVerdict = before?.verdict === decision.verdict && before.reason === decision.reason;
    const isSame = before !== undefined && saysTheSame(before, decision);
    const startsAnew = hasStarted && waitsForHost(decision);
    if (isSame && looksTheSame(before, decision) && !startsAnew) continue;
    const stands = (isSame || waitsOn(before, decision)) && !startsAnew;
    const decidedAt = before && stands ? before.decidedAt : decision.decidedAt;
    yield* saveDecision({ ...decision, profileId, decidedAt, about: aboutOf(before, decision) });
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

/** Where it stands in the line, and what it is about: no change of the decision. */
const looksTheSame = (before: DecisionRow, decision: NewDecision): boolean =>
  before.place === decision.place && before.about === aboutOf(before, decision);

const aboutOf = (before: DecisionRow | undefined, { about }: NewDecision): string | null =>
  about === undefined ? (before?.about ?? null) : JSON.stringify(about);

const waitsForHost = ({ reason }: StoredDecision): boolean => reason === "host-full" || reason === "fair-share";

/**
 * Whoever waits for a place on the host waits on, whichever of the two reasons it is told in the meantime; a profile
 * that was given a place begins to wait anew. So the places go round.
 */
const waitsOn = (before: StoredDecision | undefined, decision: StoredDecision): boolean =>
  before !== undefined && waitsForHost(before) && waitsForHost(decision);

function* saveDecision(decision: DecisionRow): Operation<void> {
  yield* count(
    `insert into decisions (profile_id, subject, lane, verdict, reason, detail, place, decided_at, about)
     values (@profileId, @subject, @lane, @verdict, @reason, @detail, @place, @decidedAt, @about)
     on conflict (profile_id, subject, lane) do update set verdict = excluded.verdict, reason = excluded.reason,
        detail = excluded.detail, place = excluded.place, decided_at = excluded.decided_at, about = excluded.about`,
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

type DecisionRow = StoredDecision & { readonly about: string | null };

const columns = 'profile_id as "profileId", subject, lane, verdict, reason, detail, place, decided_at as "decidedAt"';

const listDecisions = (profileId: string): Operation<readonly StoredDecision[]> =>
  all(`select ${columns} from decisions where profile_id = @profileId order by subject, lane`, { profileId });

const listRows = (profileId: string): Operation<readonly DecisionRow[]> =>
  all(`select ${columns}, about from decisions where profile_id = @profileId order by subject, lane`, { profileId });

function* listAbout(profileId: string): ReturnsAbout {
  const rows = yield* listRows(profileId);
  return rows.map(withAbout);
}

const withAbout = (row: DecisionRow): AboutDecision => ({
  ...row,
  about: row.about === null ? null : (JSON.parse(row.about) as ItemAbout),
});

function* listHeldFor(reasons: readonly string[]): ReturnsAbout {
  const rows = yield* all<DecisionRow>(
    `select ${columns}, about from decisions
      where verdict = 'hold' and reason in (select value from json_each(@reasons))
      order by profile_id, subject, lane`,
    { reasons: JSON.stringify(reasons) },
  );
  return rows.map(withAbout);
}

type ReturnsAbout = Operation<Awaited<ReturnType<DecisionStore["listAbout"]>>>;

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
