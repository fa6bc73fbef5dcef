import { describe, expect, it } from "vitest";
import {
  baseSha,
  check,
  facts,
  files,
  head,
  keyOf,
  labelled,
  now,
  policy,
  review,
  stored,
  tasks,
  timeline,
} from "../../../test/fixtures/pull-request.ts";
import type { MergeRules } from "../../domain/policy.ts";
import type { Timeline } from "../../domain/reading.ts";
import type { MergeRow } from "../../domain/snapshot.ts";
import { decidePullRequest } from "./decide-pull-request.ts";
import type { PullRequestFacts } from "./pull-request-facts.ts";

const other = "c".repeat(40);
const reviewed = tasks(["pr-review", `${head}/1`, { reason: "review-approved" }]);
const rules = (merge: Partial<MergeRules> = {}) => ({ ...policy, merge: { ...policy.merge, enabled: true, ...merge } });

/** Reviewed, green, against the base as it is: nothing is missing. */
const ready = (over: Parameters<typeof facts>[0] = {}): PullRequestFacts =>
  facts({ policy: rules(), tasks: reviewed, ...over });

const said = (given: PullRequestFacts): string => {
  const decided = decidePullRequest(given);
  return decided.kind === "hold" ? decided.because : decided.kind === "wanted" ? decided.wanted.lane : decided.kind;
};

const row = (over: Partial<Omit<MergeRow, "body">> & { readonly body?: Partial<MergeRow["body"]> } = {}): MergeRow => ({
  ...{ id: 9, state: "failed", result: null, lastError: "not-mergeable: 405 no", createdAt: now - 60_000 },
  sendStartedAt: null,
  idempotencyKey: "demo/pr:7/merge/1",
  ...over,
  body: {
    ...{ number: 7, headSha: head, method: "squash", title: null, message: null, queue: false },
    decidedOn: { baseSha, act: -1 },
    ...over.body,
  },
});

const story = (over: Partial<Timeline>) => ({ read: { timeline: timeline(over) } });

describe("a merge by the host", () => {
  it("names the head that was reviewed, the method of the profile and what it was decided on", () => {
    expect(decidePullRequest(ready({ policy: rules({ method: "rebase" }) }))).toEqual({
      kind: "merge",
      attempt: 1,
      body: {
        ...{ number: 7, headSha: head, method: "rebase", title: null, message: null, queue: false },
        ...{ baseRef: "main", stopLabels: ["agent-hold", "agent-blocked"] },
        decidedOn: { baseSha, act: -1 },
      },
    });
  });

  it.each<[string, Parameters<typeof facts>[0], string]>([
    ["the profile does not allow it", { policy }, "ready-to-merge"],
    ["no review of this head passed", { tasks: new Map() }, "pr-review"],
    [
      "the review was of another head",
      { tasks: tasks(["pr-review", `${other}/1`, { reason: "review-approved" }]) },
      "pr-review",
    ],
    [
      "the review ended with something else than a pass",
      { tasks: tasks(["pr-review", `${head}/1`, { reason: "x" }]) },
      "already-worked",
    ],
    ["a check failed", { read: { checks: [check("failed")] } }, "pr-fix"],
    ["a check goes on", { read: { checks: [check("pending")] } }, "checks-pending"],
    ["checks have to come and none did", { read: { checks: [] } }, "checks-pending"],
    ["its files are not all known", { read: { files: null } }, "human-review"],
    ["critical files were reviewed once only", { read: { files: files("scripts/x.sh") } }, "pr-review"],
    ["a person asks for changes", story({ reviews: [review("changes-requested", "ann")] }), "pr-fix"],
    ["somebody unknown asks for changes", story({ reviews: [review("changes-requested", "zed")] }), "details-unread"],
    ["people were asked to review it", { pr: { requestedReviewers: ["ann"] } }, "reviewers-requested"],
    ["it is a draft", { pr: { draft: true } }, "draft"],
    ["a person holds it", { pr: { labels: ["agent-hold"] } }, "held"],
    ["it is blocked", { pr: { labels: ["agent-blocked"] } }, "blocked"],
    ["it lies in a fork", { pr: { headRepo: "eve/r" } }, "fork"],
    ["the forge's rules do not hold", { read: { mergeState: "blocked" } }, "human-review"],
    ["the forge does not say whether it can", { read: { mergeState: "unknown" } }, "merge-state-unknown"],
    ["it is behind", { read: { mergeState: "behind" } }, "pr-fix"],
    ["it conflicts", { read: { mergeState: "dirty" } }, "pr-merge-repair"],
    ["the base has moved since", { readOn: other }, "merge-state-unknown"],
    [
      "its base is not the one we follow",
      { pr: { baseRef: "next" }, tasks: tasks(["pr-review", `${head}/next/1`, { reason: "review-approved" }]) },
      "ready-to-merge",
    ],
    [
      "it was reviewed against another base",
      { tasks: tasks(["pr-review", `${head}/next/1`, { reason: "review-approved" }]) },
      "pr-review",
    ],
    ["it was reviewed against the base we follow, and now has another", { pr: { baseRef: "next" } }, "pr-review"],
    ["it was read onto another base", { read: { baseRef: "next" } }, "details-unread"],
    ["the profile is paused", { isPaused: true }, "paused"],
    ["writes of it wait", { publishing: true }, "publishing"],
  ])("is not made when %s", (_, over, expected) => {
    expect(said(ready(over))).toBe(expected);
  });

  it("is not made on a reading of the very second of its last change, nor on one whose checks moved since", () => {
    const read = (about: object) => ({ candidate: { ...ready().candidate, reading: stored({}, about) } });
    expect(said(ready(read({ isSettled: false })))).toBe("details-unread");
    expect(said(ready(read({ isMergeStateOld: true })))).toBe("merge-state-unknown");
    expect(said(ready(read({})))).toBe("merge");
  });

  it("needs a person's approval of this very head where the profile asks for one", () => {
    const human = { policy: rules({ requireApproval: "human" }) };
    expect(said(ready(human))).toBe("human-review");
    const approved = story({ reviews: [review("approved", "ann")] });
    expect(said(ready({ ...human, ...approved }))).toBe("merge");
    const retargeted = { read: { ...approved.read, baseRef: "main", baseSeenAt: now } };
    expect(decidePullRequest(ready({ ...human, ...retargeted }))).toMatchObject({
      because: "human-review",
      detail: expect.stringContaining("ann approved it before it was onto this base"),
    });
    expect(said(ready({ ...human, ...story({ reviews: [review("approved", "ann", { headSha: other })] }) }))).toBe(
      "human-review",
    );
    expect(said(ready({ ...human, ...story({ reviews: [review("approved", "eve")] }) }))).toBe("human-review");
    expect(said(ready({ ...human, ...story({ reviews: [review("approved", "zed")] }) }))).toBe("human-review");
  });

  it("takes a person's word alone where no reviews are run, and no word at all where the profile says so", () => {
    const lanes = policy.lanes.filter((lane) => lane !== "pr-review");
    const human = { ...rules({ requireApproval: "human" }), lanes };
    expect(said(ready({ policy: human, tasks: new Map() }))).toBe("human-review");
    expect(said(ready({ policy: rules({ requireApproval: "none" }), tasks: new Map() }))).toBe("merge");
  });
});

describe("a merge that was asked for", () => {
  const tried = (...merges: readonly MergeRow[]) => ready({ merges });
  const labels = policy.labels;

  it.each<[string, readonly MergeRow[], string]>([
    ["waits to be sent", [row({ state: "pending" })], "merging"],
    ["was made, and the list does not show it yet", [row({ state: "sent", result: { merged: true } })], "merging"],
    ["stands in the queue", [row({ state: "sent", result: { merged: false, queued: true } })], "in-merge-queue"],
    ["was refused", [row()], "merge-failed"],
    ["was dropped by a person", [row({ state: "dropped", lastError: "not this one" })], "merge-failed"],
    ["was taken back before it was sent", [row({ state: "dropped", lastError: "withdrawn: held" })], "merge"],
    ["was of another head", [row({ body: { headSha: other } })], "merge"],
    ["was refused on another base", [row({ body: { decidedOn: { baseSha: other, act: -1 } } })], "merge"],
    [
      "was refused three times, on as many bases",
      [1, 2, 3].map((id) => row({ id, body: { decidedOn: { baseSha: other, act: -1 } } })),
      "merge-failed",
    ],
    [
      "was refused because of the queue",
      [row({ lastError: "405: Changes must be made through the merge queue" })],
      "merge",
    ],
  ])("%s", (_, merges, expected) => {
    expect(said(tried(...merges))).toBe(expected);
  });

  it.each<[string, MergeRow, string]>([
    ["waits is taken back", row({ state: "pending" }), "paused"],
    ["began to be sent goes on", row({ state: "pending", sendStartedAt: now }), "merging"],
    ["was made stays made", row({ state: "sent", result: { merged: true } }), "merging"],
  ])("in a paused profile, what %s", (_, merge, expected) => {
    expect(said({ ...tried(merge), isPaused: true })).toBe(expected);
  });

  it("says what the forge said and what asks for another one", () => {
    expect(decidePullRequest(tried(row()))).toMatchObject({
      detail: expect.stringMatching(/row 9: not-mergeable: 405 no; .*acp outbox retry 9.*agent-hold/),
    });
  });

  it("is asked for anew by a person's label, and the number of tries starts over", () => {
    const refused = [1, 2, 3].map((id) => row({ id }));
    const acts = [
      labelled(labels.hold, "ann", { order: 20 }),
      labelled(labels.hold, "ann", { order: 21, kind: "removed" }),
    ];
    const asked = ready({ merges: refused, ...story({ labelActs: acts }) });
    expect(decidePullRequest(asked)).toMatchObject({ kind: "merge", attempt: 4, body: { decidedOn: { act: 21 } } });
    expect(said({ ...asked, merges: [...refused, row({ id: 4, body: { decidedOn: { baseSha, act: 21 } } })] })).toBe(
      "merge-failed",
    );
  });

  it("goes to the queue once the forge asks for it, unless the profile says never", () => {
    const merges = [row({ lastError: "405: Changes must be made through the merge queue" })];
    expect(decidePullRequest(ready({ merges }))).toMatchObject({ kind: "merge", attempt: 2, body: { queue: true } });
    expect(said(ready({ merges, policy: rules({ useMergeQueue: "never" }) }))).toBe("merge-failed");
  });

  it("left the queue unmerged: it is refused on this base, and tried again on the next", () => {
    const queued = row({ state: "sent", result: { merged: false, queued: true }, body: { queue: true } });
    const left = story({
      queued: [
        { order: 30, kind: "added", at: now - 50_000 },
        { order: 31, kind: "removed", at: now - 40_000 },
      ],
    });
    expect(said(ready({ merges: [queued], ...left }))).toBe("merge-failed");
    const elsewhere = { ...queued, body: { ...queued.body, decidedOn: { baseSha: other, act: -1 } } };
    expect(decidePullRequest(ready({ merges: [elsewhere], ...left }))).toMatchObject({
      kind: "merge",
      body: { queue: true },
    });
  });
});

describe("what we put into the merge queue", () => {
  const acts = [{ order: 30, kind: "added", at: now - 50_000 } as const];
  const ours = row({ state: "sent", result: { merged: false, queued: true }, body: { queue: true } });
  const inQueue = (over: Parameters<typeof facts>[0] = {}, about: Partial<Timeline> = {}) =>
    ready({ merges: [ours], ...over, read: { ...over.read, timeline: timeline({ queued: acts, ...about }) } });
  const human = rules({ requireApproval: "human" });

  it.each<[string, PullRequestFacts, string]>([
    ["a hold label", inQueue({ pr: { labels: ["agent-hold"] } }), "held"],
    ["a blocked label", inQueue({ pr: { labels: ["agent-blocked"] } }), "blocked"],
    ["a draft", inQueue({ pr: { draft: true } }), "draft"],
    ["a close", inQueue({ pr: { state: "closed" } }), "not-open"],
    ["another base", inQueue({ pr: { baseRef: "next" }, read: { baseRef: "next" } }), "in-merge-queue"],
    [
      "a review that asks for changes",
      inQueue({}, { reviews: [review("changes-requested", "ann")] }),
      "in-merge-queue",
    ],
    ["an approval that was taken back", inQueue({ policy: human }), "in-merge-queue"],
    [
      "an approval of another head",
      inQueue({ policy: human }, { reviews: [review("approved", "ann", { headSha: other })] }),
      "in-merge-queue",
    ],
  ])("is taken out of it by %s", (_, given, because) => {
    expect(decidePullRequest(given)).toMatchObject({
      ...{ kind: "leave-merge-queue", mergeKey: ours.idempotencyKey, because },
      detail: expect.stringContaining("it is taken out of the merge queue"),
    });
  });

  it.each<[string, PullRequestFacts, string]>([
    ["nothing speaks against it", inQueue(), "in-merge-queue"],
    ["its approval holds", inQueue({ policy: human }, { reviews: [review("approved", "ann")] }), "in-merge-queue"],
    ["a person put it there", inQueue({ merges: [], pr: { labels: ["agent-hold"] } }), "held"],
    [
      "another head of it was put there",
      inQueue({ merges: [row({ ...ours, body: { headSha: other } })], pr: { draft: true } }),
      "draft",
    ],
    ["that was asked for", inQueue({ merges: [{ ...ours, isTakenOut: true }], pr: { draft: true } }), "draft"],
    ["writes of it wait", inQueue({ publishing: true, pr: { draft: true } }), "draft"],
    ["it is merged", inQueue({ pr: { state: "closed", merged: true } }), "not-open"],
    [
      "it has left",
      inQueue({ pr: { draft: true } }, { queued: [...acts, { order: 31, kind: "removed", at: now - 40_000 }] }),
      "draft",
    ],
    [
      "who approved may do is not known",
      inQueue({ policy: human }, { reviews: [review("approved", "zed")] }),
      "in-merge-queue",
    ],
  ])("is not asked out of it when %s", (_, given, expected) => {
    expect(said(given)).toBe(expected);
  });

  it("and took out of it goes there again once nothing speaks against it, as nobody refused it", () => {
    const left = { queued: [...acts, { order: 31, kind: "removed", at: now - 40_000 } as const] };
    expect(decidePullRequest(inQueue({ merges: [{ ...ours, isTakenOut: true }] }, left))).toMatchObject({
      ...{ kind: "merge", attempt: 2 },
      body: { queue: true },
    });
  });
});

describe("a pull request in the merge queue", () => {
  const queued = [{ order: 30, kind: "added", at: now } as const];
  it.each<[string, Parameters<typeof facts>[0]]>([
    ["is not merged beside it", {}],
    ["is not repaired", { read: { checks: [check("failed")] } }],
    ["is not reviewed", { tasks: new Map() }],
    ["is left alone where the host merges nothing", { policy }],
  ])("%s", (_, over = {}) => {
    const given = ready({ ...over, read: { ...over.read, timeline: timeline({ queued }) } });
    expect(said(given)).toBe("in-merge-queue");
  });
});

it("the tests' keys are those of the code", () => {
  expect([...reviewed.keys()]).toEqual([keyOf("pr-review", `${head}/1`)]);
});
