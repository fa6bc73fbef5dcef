import { describe, expect, it } from "vitest";
import { candidate, now, pullRequest, snapshot, task, wanted } from "../../test/support/snapshots.ts";
import type { HoldReason } from "../domain/hold-reason.ts";
import type { Snapshot } from "../domain/snapshot.ts";
import type { Task } from "../domain/task.ts";
import { decideUnsent } from "./decide-unsent.ts";
import type { Judged } from "./judge-candidates.ts";

const done = (over: Partial<Task> = {}): Task =>
  task(wanted(1), { id: 1, state: "succeeded", payload: { kind: "issue", revision: "r1" }, ...over });
const fixed = done({
  subject: "pr:2",
  lane: "pr-fix",
  payload: { kind: "pull-request", headSha: "old" },
  result: { headSha: "new" },
});

const judged = (because: HoldReason, pin: string | null = "r1", subject = "issue:1"): Judged => ({
  subject,
  verdict: { kind: "hold", because, detail: "", lane: "issue-implementation" },
  pin,
  rows: [],
});

const decide = (of: Task, seen: Judged | null, over: Partial<Snapshot> = {}) =>
  decideUnsent(snapshot({ unsent: [of], ...over }), seen === null ? [] : [seen]).map((effect) =>
    effect.kind === "withdraw" ? `${effect.forGood ? "dropped" : "held back"}: ${effect.reason}` : effect.kind,
  );

const heldBack = { withdrawn: new Set([1]) };
const following = (onDrift: "continue" | "restart" | "ask") => ({ policy: { ...snapshot().policy, onDrift } });
const open = (headRef: string, headRepo = "o/r") => {
  const { forge } = snapshot();
  if (forge.kind === "unseen") throw new Error("unseen");
  return { forge: { ...forge, pullRequests: [{ pullRequest: pullRequest(2, { headRef, headRepo }), reading: null }] } };
};

it.each<[string, Task, Judged | null, Partial<Snapshot>, string[]]>([
  ["goes its way", done(), judged("publishing"), {}, []],
  ["is held back by a label", done(), judged("held"), {}, ["held back: held"]],
  ["is held back by the blocked label", done(), judged("blocked"), {}, ["held back: blocked"]],
  ["is held back when its item left the list", done(), null, {}, ["held back: not-wanted"]],
  [
    "is held back by somebody's pull request",
    done(),
    judged("linked-pull-request"),
    {},
    ["held back: linked-pull-request"],
  ],
  ["is not held back by its own", done(), judged("linked-pull-request"), open("agent/demo/issue-1-s1-ab"), []],
  [
    "is held back by the open pull request of an earlier attempt at the issue",
    done(),
    judged("linked-pull-request"),
    open("agent/demo/issue-1-s12-ab"),
    ["held back: linked-pull-request"],
  ],
  [
    "is held back although a stranger's fork has a branch named like its own",
    done(),
    judged("linked-pull-request"),
    open("agent/demo/issue-1-s1-ab", "stranger/r"),
    ["held back: linked-pull-request"],
  ],
  ["is held back once", done(), judged("held"), heldBack, []],
  [
    "is held back again, as far as something of it is found not to be there",
    done(),
    judged("held"),
    { ...heldBack, loose: new Set([1]) },
    ["held back: held"],
  ],
  ["goes on when nothing speaks against it", done(), judged("publish-failed"), heldBack, ["restore"]],
  ["does not go on while what it is made for is not known", done(), judged("details-unread", null), heldBack, []],
  ["is dropped after an edit", done(), judged("already-worked", "r2"), {}, ["dropped: edited"]],
  ["is dropped after an edit though it was held back", done(), judged("held", "r2"), heldBack, ["dropped: held"]],
  ["is sent after an edit where the profile says so", done(), judged("publishing", "r2"), following("continue"), []],
  [
    "is dropped after a stranger's edit all the same",
    done(),
    judged("opt-in-voided", "r2"),
    following("continue"),
    ["dropped: opt-in-voided"],
  ],
  [
    "is dropped after an edit and asked about",
    done(),
    judged("publishing", "r2"),
    following("ask"),
    ["dropped: drift-asked"],
  ],
  [
    "is dropped after a push by somebody",
    fixed,
    judged("publishing", "theirs", "pr:2"),
    following("continue"),
    ["dropped: superseded"],
  ],
  ["is not dropped after its own push", fixed, judged("publishing", "new", "pr:2"), {}, []],
])("what is done and not sent %s", (_name, of, seen, over, expected) => {
  expect(decide(of, seen, over)).toEqual(expected);
});

it("is left alone while the forge is not seen", () => {
  const forge = { kind: "unseen", because: "forge-unreachable", detail: "" } as const;
  expect(decide(done(), null, { forge })).toEqual([]);
});

describe("work that waits for an approval", () => {
  const finished = now - 10 * 60_000;
  const waits = done({ finishedAt: finished });
  const sentAt = finished + 60_000;
  const asked = {
    withdrawn: new Set([1]),
    awaiting: new Set([1]),
    questions: new Map([[1, { commentId: 7, sentAt }]]),
  };
  const approvedBy = (
    actor: string,
    at: number,
    labels = ["agent-ready", "agent-human-approved"],
    order = 9,
    of: { readonly comment?: number; readonly shown?: number; readonly readAt?: number } = {},
  ) => {
    const { comment = 5, shown = 6, readAt = now } = of;
    const { forge } = snapshot();
    if (forge.kind === "unseen") throw new Error("unseen");
    const it = candidate(1, { labels });
    const act = { order, kind: "added" as const, label: "agent-human-approved", actor, at };
    const ours = { order: shown, kind: "added" as const, label: "agent-human-review", actor: "Agent", at: sentAt };
    const question = { id: 7, author: "agent", body: "", createdAt: sentAt, updatedAt: sentAt };
    const { reading } = it;
    if (reading) {
      const { timeline } = reading.reading;
      const labelActs = [...timeline.labelActs, ...(shown < order ? [ours, act] : [act, ours])];
      const comments = comment < 0 ? [] : [{ ...question, order: comment }];
      Object.assign(reading.reading, { timeline: { ...timeline, labelActs, comments } });
      Object.assign(reading, { readAt });
    }
    return { ...asked, forge: { ...forge, issues: [it] } };
  };
  it.each<[string, Judged | null, Partial<Snapshot>, string[]]>([
    ["waits on", judged("approval-needed"), asked, []],
    ["goes out with one", judged("approval-needed"), approvedBy("ann", finished + 1000), ["restore"]],
    [
      "goes out though the forge's clock is behind",
      judged("approval-needed"),
      approvedBy("ann", finished - 3_600_000),
      ["restore"],
    ],
    [
      "does not go out with one of before the question, though the forge's clock is ahead",
      judged("approval-needed"),
      approvedBy("ann", now + 3_600_000, undefined, 4),
      [],
    ],
    [
      "goes out with one between the question and its label",
      judged("approval-needed"),
      approvedBy("ann", sentAt, undefined, 6, { shown: 7 }),
      ["restore"],
    ],
    [
      "does not go out before its question was sent",
      judged("approval-needed"),
      { ...approvedBy("ann", now), questions: new Map() },
      [],
    ],
    [
      "goes out though somebody deleted the question",
      judged("approval-needed"),
      approvedBy("ann", sentAt + 1000, undefined, 9, { comment: -1 }),
      ["restore"],
    ],
    [
      "does not go out, its question deleted, with one of before it by the clock",
      judged("approval-needed"),
      approvedBy("ann", sentAt, undefined, 9, { comment: -1 }),
      [],
    ],
    [
      "does not go out, its question deleted, with one of before its label",
      judged("approval-needed"),
      approvedBy("ann", sentAt + 1000, undefined, 5, { comment: -1 }),
      [],
    ],
    [
      "does not go out by what was read before its question was sent",
      judged("approval-needed"),
      approvedBy("ann", sentAt + 1000, undefined, 9, { comment: -1, readAt: sentAt }),
      [],
    ],
    ["does not go out with a stranger's", judged("approval-needed"), approvedBy("eve", finished + 1000), []],
    [
      "does not go out with one that was taken off",
      judged("approval-needed"),
      approvedBy("ann", finished + 1000, ["agent-ready"]),
      [],
    ],
    ["waits on under a hold, approved or not", judged("held"), approvedBy("ann", finished + 1000), []],
    ["waits on while its issue is missing from the list", null, asked, []],
    ["is dropped when its issue is closed", judged("not-open"), asked, ["dropped: not-open"]],
    ["is dropped without its opt-in", judged("not-opted-in"), asked, ["dropped: not-opted-in"]],
    [
      "is dropped after an edit",
      judged("approval-needed", "r2"),
      approvedBy("ann", finished + 1000),
      ["dropped: edited"],
    ],
  ])("%s", (_, seen, over, expected) => {
    expect(decide(waits, seen, over)).toEqual(expected);
  });
});
