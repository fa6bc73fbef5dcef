import { fieldsOf } from "../../domain/fields.ts";
import type { HoldReason } from "../../domain/hold-reason.ts";
import { type OutboxBodies, wasTakenBack } from "../../domain/outbox.ts";
import type { Timeline } from "../../domain/reading.ts";
import type { MergeRow } from "../../domain/snapshot.ts";
import type { PullRequestFacts } from "./pull-request-facts.ts";
import type { StageFacts } from "./pull-request-stage.ts";

/** The host merges exactly this head; no session. `attempt` counts those asked for at this head, from 1. */
export interface MergeNow {
  readonly kind: "merge";
  readonly attempt: number;
  readonly body: OutboxBodies["merge"];
}

interface MergeHold {
  readonly kind: "hold";
  readonly because: HoldReason;
  readonly detail: string;
}

/** Refused at this head so often, without a person's word in between, and it is theirs. */
const mostTries = 3;

/**
 * Whether a pull request of which nothing is missing is merged now. Null: not yet, or not by us, and what is said of it
 * otherwise holds. What is not known, or was read before something moved, never merges.
 *
 * One that was refused is tried again only when something has changed that the refusal may have come from: the head (it
 * is another merge then), the base, or by a person's word; and then at most a few times.
 */
export function decideMerge(facts: PullRequestFacts, known: StageFacts): MergeNow | MergeHold | null {
  const { candidate, policy, base, publishing } = facts;
  const { pullRequest, reading } = candidate;
  if (!policy.merge.enabled || !isApproved(facts, known)) return null;
  if (pullRequest.baseRef !== base.branch) {
    return hold("ready-to-merge", `its base is ${pullRequest.baseRef}; the host merges into ${base.branch} only`);
  }
  const tries = triesOf(facts);
  const under = underWay(tries);
  // What waits and has not begun to be sent is taken back by a pause.
  if (under && !(facts.isPaused && tries.every(canBeTakenBack))) return under;
  if (publishing) return hold("publishing", "writes of an earlier session");
  if (facts.isPaused) return hold("paused", "nothing is merged while the profile is paused");
  if (reading?.baseSha !== base.sha || reading.isMergeStateOld) return hold("merge-state-unknown", `base ${base.sha}`);
  if (!reading.isSettled) return hold("details-unread", "it was read in the very second of its last change");
  const act = lastAct(facts);
  const over = tries.filter((row) => isOver(facts, row));
  const last = over.at(-1);
  if (last && !mayTryAgain(facts, over, last, act)) return failedHold(facts, last);
  const queue = policy.merge.useMergeQueue === "auto" && (over.some(asksForQueue) || tries.some(wasTakenOut));
  return {
    kind: "merge",
    attempt: tries.length + 1,
    body: {
      number: pullRequest.number,
      headSha: pullRequest.headSha,
      method: policy.merge.method,
      title: null,
      message: null,
      queue,
      baseRef: base.branch,
      stopLabels: [policy.labels.hold, policy.labels.blocked],
      decidedOn: { baseSha: base.sha, act },
    },
  };
}

/** Before any stage: what the forge merges already is not repaired, reviewed or merged beside it. */
export function mergeUnderWay(facts: PullRequestFacts): MergeHold | null {
  const tries = triesOf(facts);
  if (isQueued(facts)) return hold("in-merge-queue", `head ${facts.candidate.pullRequest.headSha}`);
  return tries.some(isMerged) ? underWay(tries) : null;
}

function isApproved({ policy }: PullRequestFacts, known: StageFacts): boolean {
  switch (policy.merge.requireApproval) {
    case "none":
      return true;
    case "agent-review":
      return known.reviewsPassed > 0;
    case "human":
      return known.isApproved;
  }
}

/** Of this very head, oldest first. */
const triesOf = ({ merges, candidate: { pullRequest } }: PullRequestFacts): readonly MergeRow[] =>
  merges.filter(({ body }) => body.headSha === pullRequest.headSha);

function underWay(tries: readonly MergeRow[]): MergeHold | null {
  const row = tries.find((each) => each.state === "pending" || isMerged(each));
  return row ? hold("merging", `outbox row ${row.id}${isMerged(row) ? ", merged" : ""}`) : null;
}

/** Or has its end already, as anything but a merge. */
const canBeTakenBack = (row: MergeRow): boolean =>
  row.state === "pending" ? row.sendStartedAt === null : !isMerged(row);

/** What we took out of the queue ourselves was refused by nobody. */
function isOver(facts: PullRequestFacts, row: MergeRow): boolean {
  if (row.state === "failed" || row.state === "dropped") return !wasTakenBack(row);
  return row.state === "sent" && !isMerged(row) && !wasTakenOut(row) && !isQueued(facts);
}

const isMerged = ({ state, result }: MergeRow): boolean => state === "sent" && fieldsOf(result).merged === true;

/**
 * The timeline tells, whoever put it there. Where it tells nothing, one that we handed over counts as waiting there until
 * its head changes or a person says otherwise.
 */
function isQueued(facts: PullRequestFacts): boolean {
  const last = lastQueueAct(facts);
  if (last?.kind === "added") return true;
  const ours = newestQueued(facts);
  if (!ours || wasTakenOut(ours)) return false;
  return !isSince(last, ours) && lastAct(facts) <= (ours.body.decidedOn?.act ?? -1);
}

/** Of those of this head that we handed over to the queue, the newest, unless it has left it or was asked to. */
export function standingByUs(facts: PullRequestFacts): MergeRow | null {
  const ours = newestQueued(facts);
  if (!ours || wasTakenOut(ours) || triesOf(facts).some(isMerged)) return null;
  const last = lastQueueAct(facts);
  return last?.kind === "removed" && isSince(last, ours) ? null : ours;
}

type QueueAct = NonNullable<Timeline["queued"]>[number];

const lastQueueAct = (facts: PullRequestFacts): QueueAct | null =>
  (timelineOf(facts)?.queued ?? []).reduce<QueueAct | null>(
    (newest, each) => (newest && newest.order > each.order ? newest : each),
    null,
  );

/** The forge's times have whole seconds. */
const isSince = (act: QueueAct | null, { createdAt }: MergeRow): boolean =>
  act !== null && act.at >= Math.floor(createdAt / 1000) * 1000;

const wasTakenOut = ({ isTakenOut }: MergeRow): boolean => isTakenOut === true;

/** The newest of this head that we handed over to the queue. */
const newestQueued = (facts: PullRequestFacts): MergeRow | undefined =>
  triesOf(facts).findLast(({ state, result }) => state === "sent" && fieldsOf(result).queued === true);

function mayTryAgain(facts: PullRequestFacts, over: readonly MergeRow[], last: MergeRow, act: number): boolean {
  const since = over.filter(({ body }) => (body.decidedOn?.act ?? -1) >= act);
  if (since.length === 0) return true;
  if (since.length >= mostTries) return false;
  const { useMergeQueue } = facts.policy.merge;
  return (
    last.body.decidedOn?.baseSha !== facts.base.sha ||
    (useMergeQueue === "auto" && asksForQueue(last) && !last.body.queue)
  );
}

/** In GitHub's words: "Changes must be made through the merge queue". */
const asksForQueue = ({ body, lastError }: MergeRow): boolean => body.queue || /merge queue/i.test(lastError ?? "");

/** Labels by which a person says that things have changed; none of them do we set without one of theirs. */
function lastAct(facts: PullRequestFacts): number {
  const { hold: held, blocked, humanApproved } = facts.policy.labels;
  const names = [held, blocked, humanApproved].map((name) => name.toLowerCase());
  const acts = timelineOf(facts)?.labelActs ?? [];
  return Math.max(-1, ...acts.filter(({ label }) => names.includes(label.toLowerCase())).map(({ order }) => order));
}

const timelineOf = ({ candidate }: PullRequestFacts): Timeline | null => candidate.reading?.reading.timeline ?? null;

function failedHold({ policy }: PullRequestFacts, { id, state, lastError }: MergeRow): MergeHold {
  const what = state === "sent" ? "it left the merge queue unmerged" : (lastError ?? "no reason recorded");
  const again = `to have it tried again: push to it, "acp outbox retry ${id}", or set ${policy.labels.hold} and take it off`;
  return hold("merge-failed", `outbox row ${id}: ${what}; ${again}`);
}

const hold = (because: HoldReason, detail: string): MergeHold => ({ kind: "hold", because, detail });
