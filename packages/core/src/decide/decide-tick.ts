import type { Json } from "../domain/json.ts";
import type { Lane } from "../domain/lane.ts";
import type { Decision, Snapshot } from "../domain/snapshot.ts";
import type { NewTask, Task } from "../domain/task.ts";
import type { LanePayload, Wanted } from "../domain/wanted.ts";
import { isOnAgentBranch, issueOfBranch } from "./branches.ts";
import { receiptOf } from "./budget/receipt.ts";
import { decideBrokenBase } from "./decide-broken-base.ts";
import { decideStuck } from "./decide-stuck.ts";
import { decideUnsent } from "./decide-unsent.ts";
import { decideUnsentMerges } from "./decide-unsent-merges.ts";
import type { Effect } from "./effect.ts";
import { type Judged, judgeAll } from "./judge-candidates.ts";
import { liveBySubject } from "./live-tasks.ts";
import { type Match, matchTasks } from "./match-tasks.ts";
import { receiptsOfProviders } from "./provider/provider-receipt.ts";
import { giveRoom, type Placed } from "./room/give-room.ts";
import type { Contender } from "./room/order.ts";

import { issueNumberOf, streamOf } from "./subjects.ts";

export interface TickPlan {
  readonly effects: readonly Effect[];
  /** One per candidate, and one per live task that has none. */
  readonly decisions: readonly Decision[];
}

/**
 * The whole policy of one tick, for the real run and the dry one alike: every candidate is judged by itself, compared
 * with the tasks it has, and what may start contends for the room there is.
 */
export function decideTick(snapshot: Snapshot): TickPlan {
  const live = liveBySubject(snapshot.tasks);
  const judged = judgeAll(snapshot);
  const matched = judged.map(({ subject, verdict, pin, rows }) => ({
    subject,
    verdict,
    rows,
    match: matchTasks(snapshot, verdict, pin, live.get(subject) ?? []),
  }));
  const left = unlisted(snapshot, live, judged);
  const running = snapshot.tasks.filter(({ state }) => state === "running");
  const contenders = matched.flatMap(({ match }) => (match.contender && !match.running ? [match.contender] : []));
  const placed = giveRoom(snapshot, running, contenders, openAgentPulls(snapshot, running));
  const byContender = new Map(placed.map((each) => [each.contender, each]));
  return {
    effects: [
      ...matched.flatMap(({ match }) => cancels(match)),
      ...left.flatMap(({ match }) => cancels(match)),
      ...decideUnsent(snapshot, judged),
      ...decideUnsentMerges(snapshot, judged),
      ...decideStuck(snapshot, judged),
      ...decideBrokenBase(snapshot, judged),
      ...matched.flatMap(({ match }) => starts(snapshot, match.contender, byContender)),
      ...receipts(snapshot, placed),
      ...providerReceipts(snapshot, placed),
      ...matched.flatMap(({ subject, rows }) => (rows.length > 0 ? [{ kind: "write" as const, subject, rows }] : [])),
    ],
    decisions: [...matched, ...left].map((each) => decisionOf(each, byContender)),
  };
}

type Matched = Pick<Judged, "subject" | "verdict"> & { readonly match: Match };

const cancels = ({ cancel }: Match): readonly Effect[] =>
  cancel
    .filter(({ task }) => task.cancelRequestedAt === null)
    .map(({ task, reason }) => ({ kind: "cancel", taskId: task.id, subject: task.subject, reason }));

/** What is new is made in any case, so that its place in the line is kept; what has room starts. */
function starts(
  snapshot: Snapshot,
  contender: Contender | null,
  placed: ReadonlyMap<Contender, Placed>,
): readonly Effect[] {
  if (contender === null) return [];
  const place = placed.get(contender);
  const launch = place?.kind === "launch" ? place.slots : null;
  const { subject } = contender.wanted;
  if (contender.task === null) return [{ kind: "enqueue", subject, launch, task: newTask(snapshot, contender.wanted) }];
  if (launch === null) return [];
  return [{ kind: "launch", taskId: contender.task.id, subject, launch, payload: jsonOf(contender.wanted.payload) }];
}

/** Of what only its budget holds. */
function receipts({ policy, spend }: Snapshot, placed: readonly Placed[]): readonly Effect[] {
  return placed.flatMap((place): readonly Effect[] => {
    if (place.kind !== "hold" || !place.budget) return [];
    const { subject } = place.contender.wanted;
    const receipt = receiptOf(policy.profileId, subject, place.budget, spend?.items.get(subject));
    return receipt === null || spend?.told.has(receipt.key) ? [] : [{ kind: "receipt", subject, receipt }];
  });
}

/** Of what no provider serves before a person has mended something. */
function providerReceipts({ policy, spend }: Snapshot, placed: readonly Placed[]): readonly Effect[] {
  const held = placed.flatMap((place) =>
    place.kind === "hold" && place.lasting ? [{ subject: place.contender.wanted.subject, limits: place.lasting }] : [],
  );
  const receipts = receiptsOfProviders(policy.profileId, held, spend?.told ?? new Set());
  return receipts.map((each) => ({ kind: "receipt", ...each }));
}

/**
 * The idempotency key says after which task of this key we want another one: a runtime whose view is older than the
 * work another one has done meanwhile makes nothing.
 */
function newTask(snapshot: Snapshot, { subject, lane, dedupeKey, priority, payload }: Wanted): NewTask {
  const { policy } = snapshot;
  const same = tasksOf(snapshot, subject).filter((task) => task.dedupeKey === dedupeKey);
  const before = Math.max(0, ...same.map(({ id }) => id));
  return {
    queue: policy.profileId,
    subject,
    lane,
    dedupeKey,
    idempotencyKey: `${dedupeKey}/after:${before}`,
    priority,
    maxAttempts: policy.maxAttempts,
    payload: jsonOf(payload),
  };
}

const jsonOf = (payload: LanePayload): Json => JSON.parse(JSON.stringify(payload));

/** Those of the present revision, and the newest of each lane whatever it was made for. */
function tasksOf({ tasks, history }: Snapshot, subject: string): readonly Task[] {
  const known = tasks.filter((task) => task.subject === subject);
  const ended = (history.get(subject) ?? []).map(({ newest }) => newest);
  return [...known, ...ended.filter(({ id }) => !known.some((task) => task.id === id))];
}

/**
 * Agent pull requests that are open, or will be when what is under way ends well; so that together they keep to the
 * limit.
 */
function openAgentPulls({ forge, policy, publishing, tasks }: Snapshot, running: readonly Task[]): number {
  const pulls = forge.kind === "seen" ? forge.pullRequests.map(({ pullRequest }) => pullRequest) : [];
  const { profileId, slug } = policy;
  const open = pulls.filter((pull) => isOnAgentBranch(pull, profileId, slug));
  const worked = new Set(open.map((pull) => issueOfBranch(pull, profileId, slug)));
  const opens = (task: Task) => task.lane === "issue-implementation" || task.lane === "blocked-recovery";
  const published = tasks.filter(
    (task) =>
      opens(task) &&
      task.state === "succeeded" &&
      publishing.has(streamOf(profileId, task.subject)) &&
      !worked.has(issueNumberOf(task.subject)),
  );
  return open.length + running.filter(opens).length + published.length;
}

/** Live tasks of items that are gone from the lists: closed, deleted, or not opted in any more. */
function unlisted(
  { forge }: Snapshot,
  live: ReadonlyMap<string, readonly Task[]>,
  judged: readonly Judged[],
): readonly Matched[] {
  const known = new Set(judged.map(({ subject }) => subject));
  return [...live].flatMap(([subject, tasks]) => {
    if (known.has(subject)) return [];
    const running = tasks.find(({ state }) => state === "running") ?? null;
    const lane = tasks[0]?.lane as Lane;
    const hold =
      forge.kind === "unseen"
        ? { because: forge.because, detail: forge.detail }
        : { because: "not-opted-in" as const, detail: "it is gone from the list of open items with the opt-in label" };
    const cancel = forge.kind === "unseen" ? [] : tasks.map((task) => ({ task, reason: "not-wanted" }));
    const goesOn = forge.kind === "unseen" ? running : null;
    return [
      {
        subject,
        verdict: { kind: "hold" as const, lane, ...hold },
        match: { cancel, running: goesOn, contender: null, hold },
      },
    ];
  });
}

function decisionOf({ subject, verdict, match }: Matched, placed: ReadonlyMap<Contender, Placed>): Decision {
  const lane = verdict.kind === "wanted" ? verdict.wanted.lane : verdict.lane;
  if (match.hold) return { kind: "hold", subject, lane, ...match.hold };
  if (match.running) {
    const { id, attempts, lane: its, cancelRequestedAt } = match.running;
    const detail = `task ${id}, attempt ${attempts}${cancelRequestedAt === null ? "" : ", it was asked to stop"}`;
    return { kind: "hold", subject, lane: its, because: "running", detail };
  }
  const place = match.contender && placed.get(match.contender);
  if (place?.kind === "hold") {
    const { because, detail, place: at } = place;
    return { kind: "hold", subject, lane, because, detail, ...(at === undefined ? {} : { place: at }) };
  }
  const task = match.contender?.task;
  return { kind: "launch", subject, lane, detail: task ? `task ${task.id}` : "a new task" };
}
