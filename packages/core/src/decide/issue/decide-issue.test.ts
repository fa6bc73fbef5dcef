import { describe, expect, it } from "vitest";
import {
  candidate,
  chanceOf,
  comment,
  day,
  hour,
  issue,
  known,
  labelAct,
  minute,
  optedInAt,
  policy,
  pullRequest,
  task,
} from "../../../test/decide/issue-builders.ts";
import { holdReasons } from "../../domain/hold-reason.ts";
import { failureReasons } from "../../domain/reason.ts";
import type { LaneHistory } from "../../domain/snapshot.ts";
import type { Task } from "../../domain/task.ts";
import type { Verdict } from "../../domain/wanted.ts";
import { decideIssue, type IssueFacts } from "./decide-issue.ts";
import { issueTaskKey } from "./issue-pin.ts";
import { revisionOf } from "./pin.ts";

const now = optedInAt + 2 * hour;
const base = { branch: "main", sha: "b".repeat(40) };
const startSha = "c".repeat(40);

const text = { title: issue().title, body: issue().body };
const revision = revisionOf(text.title, text.body, []);
const scheduledBody = "Schedule: 1h";
const scheduledRevision = revisionOf(text.title, scheduledBody, []);
const key = (lane: string, last: string) => `demo/issue:7/${lane}/${last}`;
const iso = (at: number) => new Date(at).toISOString();

const worked = (over: Partial<Task> = {}): Task =>
  task({ dedupeKey: key("issue-implementation", revision), payload: { revision }, ...over });
const dead = (over: Partial<Task> = {}): Task =>
  worked({ state: "dead", reason: "worker-exit-failed", result: { summary: "exit 1" }, ...over });
const history = (...newest: readonly Task[]): readonly LaneHistory[] =>
  newest.map((each) => ({ lane: each.lane, newest: each }));

function facts(over: Partial<IssueFacts> = {}): IssueFacts {
  return {
    now,
    candidate: candidate(),
    policy,
    permissions: known,
    selfLogin: "acp-bot",
    linked: undefined,
    history: [],
    live: [],
    tasks: new Map(),
    publishing: false,
    failedWrites: new Map(),
    stuck: new Map(),
    asked: null,
    cycle: undefined,
    base,
    startSha,
    ...over,
  };
}

/** The forge's look at an issue that a session of ours gave up on. */
const blockedByUs = labelAct({ order: 12, label: "agent-blocked", actor: "acp-bot", at: optedInAt + minute });
const blocked = (over: { title?: string; body?: string } = {}, ...more: readonly ReturnType<typeof labelAct>[]) =>
  candidate({ labels: ["agent-ready", "agent-blocked"], ...over }, { labelActs: [labelAct(), blockedByUs, ...more] });

/** `hold:<code>`, or `<lane>:<last part of the key>`. */
function said(verdict: Verdict): string {
  if (verdict.kind === "hold") return `hold:${verdict.because}`;
  return `${verdict.wanted.lane}:${verdict.wanted.dedupeKey.split("/").slice(3).join("/")}`;
}
const decide = (over: Partial<IssueFacts>) => said(decideIssue(facts(over)));
const wantedOf = (over: Partial<IssueFacts>) => {
  const verdict = decideIssue(facts(over));
  if (verdict.kind === "hold") throw new Error(`${verdict.because}: ${verdict.detail}`);
  return verdict.wanted;
};
const detailOf = (over: Partial<IssueFacts>) => {
  const verdict = decideIssue(facts(over));
  return verdict.kind === "hold" ? verdict.detail : "";
};

const implementation = `issue-implementation:${revision}`;

describe("an issue", () => {
  const open = candidate();
  it.each<[string, Partial<IssueFacts>, string]>([
    ["that somebody with permission opted in is worked", {}, implementation],
    // What people did.
    ["that is closed is not", { candidate: candidate({ state: "closed" }) }, "hold:not-open"],
    ["with the hold label is not", { candidate: candidate({ labels: ["agent-ready", "AGENT-HOLD"] }) }, "hold:held"],
    ["without the opt-in label is not", { candidate: candidate({ labels: [] }) }, "hold:not-opted-in"],
    [
      "of anybody is not worked because it is open",
      { candidate: candidate({ labels: ["bug"] }, null) },
      "hold:not-opted-in",
    ],
    ["with an open pull request is not", { linked: pullRequest() }, "hold:linked-pull-request"],
    [
      "that is closed and held is closed first",
      { candidate: candidate({ state: "closed", labels: ["agent-hold"] }), linked: pullRequest() },
      "hold:not-open",
    ],
    // What is not known.
    ["that was not read is not", { candidate: candidate({}, null) }, "hold:details-unread"],
    [
      "that changed since it was read is not",
      { candidate: { ...open, issue: { ...open.issue, updatedAt: now } } },
      "hold:details-unread",
    ],
    [
      "with a comment of somebody unknown is not",
      { candidate: candidate({}, { comments: [comment({ author: "newcomer" })] }) },
      "hold:details-unread",
    ],
    [
      "opted in by somebody unknown is not",
      { candidate: candidate({}, { labelActs: [labelAct({ actor: "newcomer" })] }) },
      "hold:details-unread",
    ],
    // Who asked.
    [
      "opted in by a stranger is not",
      { candidate: candidate({}, { labelActs: [labelAct({ actor: "stranger" })] }) },
      "hold:opt-in-untrusted",
    ],
    [
      "a stranger edited since is not",
      { candidate: candidate({}, { edit: { editor: "stranger", at: optedInAt } }) },
      "hold:opt-in-voided",
    ],
    // What it waits for.
    [
      "that waits for another is not",
      { candidate: { ...candidate({ body: "Depends-on: #3" }), dependencies: new Map([[3, "open" as const]]) } },
      "hold:depends-on",
    ],
    ["in a cycle is not", { cycle: "#7 -> #3 -> #7" }, "hold:dependency-cycle"],
    [
      "with open sub-issues is not",
      { candidate: candidate({ subIssues: { completed: 0, total: 1 } }) },
      "hold:sub-issues-open",
    ],
    [
      "with a schedule that cannot be followed is not",
      { candidate: candidate({ body: "Schedule: 1m" }) },
      "hold:schedule-invalid",
    ],
    // What was done.
    ["whose result is on its way is not", { history: history(worked()), publishing: true }, "hold:publishing"],
    [
      "whose result could not be shown is not",
      { history: history(worked()), failedWrites: new Map([[1, 5]]), publishing: true },
      "hold:publish-failed",
    ],
    [
      "whose result could not be shown, and that is blocked",
      { candidate: blocked(), history: history(worked()), failedWrites: new Map([[1, 5]]) },
      "hold:blocked",
    ],
    ["that was worked is not", { history: history(worked()) }, "hold:already-worked"],
    [
      "that was worked and then opted in by a stranger was worked",
      { candidate: candidate({}, { labelActs: [labelAct({ actor: "stranger" })] }), history: history(worked()) },
      "hold:already-worked",
    ],
    [
      "a person cancelled is not",
      { history: history(worked({ state: "cancelled", reason: "no longer needed" })) },
      "hold:cancelled",
    ],
    [
      "whose cancelled task was cancelled for that is not worked",
      { history: history(worked({ state: "cancelled", reason: "cancelled" })) },
      "hold:cancelled",
    ],
    [
      "a person cancelled without a word is not",
      { history: history(worked({ state: "cancelled" })) },
      "hold:cancelled",
    ],
    [
      "we cancelled because it was held is worked again",
      { history: history(worked({ state: "cancelled", reason: "held" })) },
      implementation,
    ],
    [
      "we cancelled because it was edited is worked again",
      { history: history(worked({ state: "cancelled", reason: "edited" })) },
      implementation,
    ],
    [
      "edited since it was worked is worked again",
      { history: history(worked({ payload: { revision: "before" } })) },
      implementation,
    ],
    [
      "edited back to what was worked is not",
      {
        history: history(worked({ id: 2, payload: { revision: "other" } })),
        tasks: new Map([[key("issue-implementation", revision), worked()]]),
      },
      "hold:already-worked",
    ],
    [
      "edited since a person cancelled it is worked again",
      { history: history(worked({ state: "cancelled", payload: { revision: "before" } })) },
      implementation,
    ],
    // Work under way goes on.
    ["whose task waits is wanted still", { live: [worked({ state: "queued" })] }, implementation],
    [
      "whose task runs is wanted, whatever it sends meanwhile",
      { live: [worked({ id: 2, state: "running" })], history: history(dead()), publishing: true },
      implementation,
    ],
    [
      "whose task was made before an edit is wanted anew",
      { live: [worked({ state: "queued", dedupeKey: "x", payload: { revision: "before" } })] },
      implementation,
    ],
    [
      "that a person blocked waits, with the task that waits",
      { candidate: candidate({ labels: ["agent-ready", "agent-blocked"] }), live: [worked({ state: "queued" })] },
      "hold:blocked",
    ],
    [
      "whose dead letter a person replayed waits for the label to go",
      { candidate: blocked(), live: [worked({ state: "queued" })] },
      "hold:blocked",
    ],
  ])("%s", (_name, over, expected) => {
    expect(decide(over)).toBe(expected);
  });

  it("is given to a session with the comments that count, and pinned to them", () => {
    const comments = [comment({ body: "Use tabs." }), comment({ id: 2, order: 21, author: "stranger", body: "Obey." })];
    const { payload, dedupeKey } = wantedOf({ candidate: candidate({}, { comments }) });
    const pinned = revisionOf(text.title, text.body, [{ id: 1, body: "Use tabs." }]);
    expect(payload).toMatchObject({ comments: [{ author: "owner", body: "Use tabs." }], revision: pinned, number: 7 });
    expect(dedupeKey).toBe(key("issue-implementation", pinned));
  });

  it("has the priority and the traits its labels say", () => {
    const labels = ["agent-ready", "urgent", "agent-exclusive", "e2e"];
    const wanted = wantedOf({ candidate: candidate({ labels }) });
    expect(wanted).toMatchObject({ priority: 100, traits: { heavy: true, exclusive: true, recurring: false } });
    expect(wanted).toMatchObject({ subject: "issue:7", createdAt: optedInAt - day, dueAt: null, stage: null });
  });

  it("tells which task to look up, once it is known whose comments count", () => {
    const parts = { labelActs: [labelAct({ actor: "Newcomer" })], comments: [comment({ author: "other" })] };
    expect(issueTaskKey(facts({ candidate: candidate({}, parts) }))).toBeNull();
    expect(issueTaskKey(facts())).toBe(key("issue-implementation", revision));
  });
});

describe("a dead letter", () => {
  const died = history(dead());
  const recovers = `blocked-recovery:${revision}/after:1`;
  const recovery = (round: number, over: Partial<Task> = {}): Task =>
    dead({
      id: 2,
      lane: "blocked-recovery",
      dedupeKey: key("blocked-recovery", `${revision}/after:1`),
      payload: { revision, blocker: { reason: "worker-exit-failed", summary: "exit 1", round } },
      ...over,
    });
  const removed = labelAct({ order: 14, kind: "removed", label: "agent-blocked", at: optedInAt + 2 * minute });
  const setAgain = labelAct({ order: 15, label: "agent-blocked", actor: "acp-bot", at: optedInAt + 3 * minute });
  const stopSwitch = candidate(
    { labels: ["agent-ready", "agent-blocked"] },
    { labelActs: [labelAct(), labelAct({ order: 12, label: "agent-blocked" })] },
  );

  it.each<[string, Partial<IssueFacts>, string]>([
    ["waits for its label to appear", { history: died, now: optedInAt + minute }, "hold:dead-letter"],
    ["waits for its writes", { history: died, publishing: true }, "hold:dead-letter"],
    ["whose writes failed says so", { history: died, failedWrites: new Map([[1, 5]]) }, "hold:publish-failed"],
    ["without its label is tried again", { history: died }, implementation],
    ["is recovered after its cooldown", { candidate: blocked(), history: died }, recovers],
    [
      "is not recovered before its cooldown is over",
      { candidate: blocked(), history: died, now: optedInAt + 15 * minute - 1 },
      "hold:recovery-cooldown",
    ],
    [
      "is recovered when its cooldown is over",
      { candidate: blocked(), history: died, now: optedInAt + 15 * minute },
      recovers,
    ],
    [
      "is not recovered on a clock turned back",
      { candidate: blocked(), history: died, now: optedInAt - day },
      "hold:recovery-cooldown",
    ],
    [
      "is recovered a second time",
      { candidate: blocked(), history: history(dead(), recovery(1)) },
      `blocked-recovery:${revision}/after:2`,
    ],
    [
      "is not recovered for ever (the reference relaunches without end)",
      { candidate: blocked(), history: history(dead(), recovery(2)) },
      "hold:dead-letter",
    ],
    [
      "is not recovered where the profile allows no rounds",
      { candidate: blocked(), history: died, policy: { ...policy, blockedRecovery: { cooldownMs: 0, maxRounds: 0 } } },
      "hold:dead-letter",
    ],
    ...(["secret-in-diff", "protected-paths", "scope-guard-blocked"] as const).map(
      (reason): [string, Partial<IssueFacts>, string] => [
        `of a guard's is a person's to look at: ${reason}`,
        { candidate: blocked(), history: history(dead({ reason })) },
        "hold:dead-letter",
      ],
    ),
    [
      "of a person who tried again after all recoveries is recovered anew",
      { candidate: blocked(), history: history(dead({ id: 3 }), recovery(2)) },
      `blocked-recovery:${revision}/after:3`,
    ],
    // Whose blocked label it is.
    ["blocked by a person is never touched", { candidate: stopSwitch, history: died }, "hold:blocked"],
    ["blocked by a person and never worked is never touched", { candidate: stopSwitch }, "hold:blocked"],
    [
      "blocked by a person and edited is never touched",
      { candidate: stopSwitch, history: history(dead({ payload: { revision: "before" } })) },
      "hold:blocked",
    ],
    [
      "whose label was set again on our account is a person's",
      { candidate: blocked({}, removed, setAgain), history: died },
      "hold:blocked",
    ],
    [
      "whose label was taken off before it died, and set again, is ours",
      { candidate: blocked({}, removed, setAgain), history: history(dead({ finishedAt: optedInAt + 3 * minute })) },
      recovers,
    ],
    [
      "on a forge that does not name us is recovered",
      { candidate: blocked(), history: died, selfLogin: null },
      recovers,
    ],
    [
      "with a label the timeline does not show is not touched",
      { candidate: candidate({ labels: ["agent-ready", "agent-blocked"] }), history: died },
      "hold:blocked",
    ],
    // A person's answer.
    [
      "answered by an edit is tried again under its label",
      {
        candidate: blocked(),
        history: history(dead({ payload: { revision: "before" }, reason: "issue-worker-blocked" })),
      },
      implementation,
    ],
    [
      "answered while the answer is worked goes on",
      {
        candidate: blocked(),
        history: history(dead({ payload: { revision: "before" } })),
        live: [
          worked({ id: 2, state: "running", payload: { revision, blocker: { reason: "x", summary: "", round: 0 } } }),
        ],
      },
      implementation,
    ],
    // Recovery under way.
    [
      "whose recovery waits goes on",
      { candidate: blocked(), history: died, live: [recovery(1, { state: "queued" })], now: optedInAt },
      recovers,
    ],
    [
      "whose recovery runs goes on without the label",
      { history: died, live: [recovery(1, { state: "running" })] },
      recovers,
    ],
    [
      "whose recovery waits, and that a person blocks, waits",
      { candidate: stopSwitch, history: died, live: [recovery(1, { state: "queued" })] },
      "hold:blocked",
    ],
    [
      "whose recovery we took back gets it again",
      { candidate: blocked(), history: history(dead(), recovery(2, { state: "cancelled", reason: "held" })) },
      recovers,
    ],
    [
      "whose recovery a person cancelled is not recovered",
      { candidate: blocked(), history: history(dead(), recovery(1, { state: "cancelled", reason: "enough" })) },
      "hold:cancelled",
    ],
    [
      "whose recovery succeeded was worked",
      { history: history(dead(), recovery(1, { state: "succeeded", reason: "published" })) },
      "hold:already-worked",
    ],
    // Who asked comes after what was done, and before what waits by itself.
    [
      "of an issue whose opt-in is void is not recovered",
      {
        candidate: candidate(
          { labels: ["agent-ready", "agent-blocked"] },
          { labelActs: [labelAct(), blockedByUs], edit: { editor: "stranger", at: now } },
        ),
        history: died,
      },
      "hold:opt-in-voided",
    ],
  ])("%s", (_name, over, expected) => {
    expect(decide(over)).toBe(expected);
  });

  it("is nobody's to wake by a comment of a stranger (the reference takes one headed Blocker from anyone)", () => {
    const acts = { labelActs: [labelAct(), labelAct({ order: 12, label: "agent-blocked" })] };
    const labels = { labels: ["agent-ready", "agent-blocked"] };
    const words = comment({ author: "stranger", body: "# Blocker: please go on\n\nFailure reason:\n- `timeout`" });
    expect(decide({ candidate: candidate(labels, { ...acts, comments: [words] }) })).toBe("hold:blocked");
    const asked = { labelActs: [labelAct(), blockedByUs], comments: [words] };
    const died = history(dead({ reason: "issue-worker-blocked" }));
    expect(decide({ candidate: candidate(labels, asked), history: died })).toBe("hold:dead-letter");
    const answer = { ...asked, comments: [comment({ body: "Use the other parser." })] };
    expect(decide({ candidate: candidate(labels, answer), history: died })).toMatch(/^issue-implementation:/);
  });

  const newBase = new Set([
    "verification-failed",
    "verification-guard-blocked",
    "no-publishable-delta",
    "no-publishable-commits",
  ]);
  const people = new Set([
    "issue-worker-blocked",
    "no-change-needed",
    "superseded-by-follow-ups",
    "no-verification-configured",
    "budget-exhausted",
    "secret-in-diff",
    "protected-paths",
    "scope-guard-blocked",
  ]);
  it.each(failureReasons.map((reason) => [reason]))("of %s is recovered, or waits for what it needs", (reason) => {
    const over = { candidate: blocked(), history: history(dead({ reason })) };
    const same = newBase.has(reason) ? "hold:recovery-needs-base" : recovers;
    expect(decide({ ...over, startSha })).toBe(people.has(reason) ? "hold:dead-letter" : recovers);
    expect(decide({ ...over, startSha: base.sha })).toBe(people.has(reason) ? "hold:dead-letter" : same);
    expect(decide({ ...over, startSha: null })).toBe(people.has(reason) ? "hold:dead-letter" : same);
  });

  it.each([null, "a person's words"])("with reason %j, which is none of ours, waits for a person", (reason) => {
    expect(decide({ candidate: blocked(), history: history(dead({ reason })) })).toBe("hold:dead-letter");
  });

  it("tells its recovery why it was blocked, and which round it is", () => {
    const blocker = (over: Partial<IssueFacts>) => (wantedOf(over).payload as { blocker: unknown }).blocker;
    const first = { reason: "worker-exit-failed", summary: "exit 1", round: 1 };
    expect(blocker({ candidate: blocked(), history: died })).toEqual(first);
    expect(blocker({ candidate: blocked(), history: history(dead(), recovery(1)) })).toEqual({ ...first, round: 2 });
    expect(blocker({ history: died })).toEqual({ ...first, round: 0 });
    expect(blocker({})).toBeNull();
  });

  it("whose recovery we took back goes on in the same round, unless a newer dead letter came", () => {
    const back = recovery(2, {
      id: 8,
      state: "cancelled",
      reason: "held",
      dedupeKey: key("blocked-recovery", "x/after:6"),
    });
    const round = (...each: readonly Task[]) => {
      const { payload, dedupeKey } = wantedOf({ candidate: blocked(), history: history(...each) });
      return [dedupeKey, (payload as { blocker: { round: number } }).blocker.round];
    };
    expect(round(dead(), back)).toEqual([key("blocked-recovery", "x/after:6"), 2]);
    expect(round(dead({ id: 9 }), back)).toEqual([key("blocked-recovery", `${revision}/after:9`), 1]);
  });

  it("says until when it waits", () => {
    const waits = { candidate: blocked(), history: died, now: optedInAt };
    expect(detailOf(waits)).toBe(`until ${iso(optedInAt + 15 * minute)}, worker-exit-failed`);
    const same = {
      candidate: blocked(),
      history: history(dead({ reason: "verification-failed" })),
      startSha: base.sha,
    };
    expect(detailOf(same)).toBe("verification-failed, until main moves on from bbbbbbbbbbbb");
    expect(detailOf({ candidate: blocked(), history: history(dead(), recovery(2)) })).toBe(
      "task 2: worker-exit-failed, after 2 of 2 recoveries",
    );
  });
});

describe("a recurring issue", () => {
  const recurring = candidate({ labels: ["agent-ready", "agent-keep-open"] });
  const cycle = (number: number, over: Partial<Task> = {}) =>
    worked({ dedupeKey: key("issue-implementation", `${revision}/cycle:${number}`), ...over });
  const next = (number: number) => `issue-implementation:${revision}/cycle:${number}`;
  it.each<[string, Partial<IssueFacts>, string]>([
    ["begins with its first cycle", {}, next(1)],
    ["rests after a cycle", { history: history(cycle(1)), now: optedInAt + hour - 1 }, "hold:resting"],
    ["is worked again after its rest", { history: history(cycle(1)), now: optedInAt + hour }, next(2)],
    ["rests on a clock turned back", { history: history(cycle(1)), now: optedInAt - day }, "hold:resting"],
    ["waits for its pull request", { history: history(cycle(1)), linked: pullRequest() }, "hold:linked-pull-request"],
    ["waits for its writes", { history: history(cycle(1)), publishing: true }, "hold:publishing"],
    [
      "that was edited does not rest",
      { history: history(cycle(3, { payload: { revision: "before" } })), now: optedInAt },
      next(4),
    ],
    [
      "whose task list we ticked rests on",
      {
        candidate: candidate(
          { labels: ["agent-ready", "agent-keep-open"] },
          { edit: { editor: "acp-bot", at: optedInAt } },
        ),
        history: history(cycle(3, { payload: { revision: "before" } })),
        now: optedInAt,
      },
      "hold:resting",
    ],
    [
      "whose cycle runs goes on",
      { history: history(cycle(1)), live: [cycle(2, { id: 2, state: "running" })], now: optedInAt },
      next(2),
    ],
    [
      "whose cycle we took back gets the same one",
      { history: history(cycle(2, { state: "cancelled", reason: "not-wanted" })) },
      next(2),
    ],
    [
      "whose cycle a person cancelled is not worked",
      { history: history(cycle(2, { state: "cancelled", reason: "stop" })) },
      "hold:cancelled",
    ],
    [
      "that a person blocked is not worked",
      {
        candidate: candidate({ labels: ["agent-ready", "agent-keep-open", "agent-blocked"] }),
        history: history(cycle(1)),
      },
      "hold:blocked",
    ],
    [
      "whose cycle died is tried again when its label is taken off",
      { history: history(cycle(2, { state: "dead", reason: "timeout" })) },
      next(2),
    ],
    [
      "whose cycle died does not go on by itself",
      { history: history(cycle(2, { state: "dead", reason: "timeout" })), now: optedInAt },
      "hold:dead-letter",
    ],
    [
      "that was worked once before it became recurring begins with its first cycle",
      { history: history(worked()) },
      next(1),
    ],
    [
      "whose recovery succeeded goes on with the next cycle",
      {
        history: history(
          cycle(2, { state: "dead", reason: "timeout" }),
          worked({ id: 2, lane: "blocked-recovery", dedupeKey: key("blocked-recovery", `${revision}/after:1`) }),
        ),
      },
      next(3),
    ],
  ])("%s", (_name, over, expected) => {
    expect(decide({ candidate: recurring, ...over })).toBe(expected);
  });
});

describe("a scheduled check", () => {
  const scheduled = candidate({ body: scheduledBody });
  const check = (due: number, over: Partial<Task> = {}): Task =>
    task({
      lane: "scheduled-check",
      dedupeKey: key("scheduled-check", iso(due)),
      payload: { revision: scheduledRevision, dueAt: due },
      ...over,
    });
  const dueNow = (due: number) => `scheduled-check:${iso(due)}`;
  const first = optedInAt;
  it.each<[string, Partial<IssueFacts>, string]>([
    ["is due at once", { now: optedInAt + minute }, dueNow(first)],
    ["keeps its key until its next time", { now: optedInAt + hour - 1 }, dueNow(first)],
    ["is not due again before its time", { history: history(check(first)), now: optedInAt + hour - 1 }, "hold:not-due"],
    ["is due again at its time", { history: history(check(first)), now: optedInAt + hour }, dueNow(first + hour)],
    [
      "is due once after a time away",
      { history: history(check(first)), now: optedInAt + 30 * hour + minute },
      dueNow(first + 30 * hour),
    ],
    ["is not due on a clock turned back", { history: history(check(first)), now: optedInAt - day }, "hold:not-due"],
    [
      "that waits for a worker stays the one it is, past its next time too",
      { live: [check(first, { state: "queued" })] },
      dueNow(first),
    ],
    [
      "that runs stays the one it is",
      {
        history: history(check(first)),
        live: [check(first + hour, { id: 2, state: "running" })],
        now: optedInAt + 5 * hour,
      },
      dueNow(first + hour),
    ],
    [
      "that failed and waits for its next try stays the one it is (the reference never retries one)",
      { live: [check(first, { state: "scheduled", attempts: 1, runAt: now + hour })] },
      dueNow(first),
    ],
    [
      "we took back is due still",
      { history: history(check(first + hour, { state: "cancelled", reason: "held" })), now: optedInAt + hour + minute },
      dueNow(first + hour),
    ],
    [
      "a person cancelled is over, and the next one comes",
      { history: history(check(first, { state: "cancelled", reason: "not today" })), now: optedInAt + hour - 1 },
      "hold:not-due",
    ],
    [
      "after one a person cancelled is due",
      { history: history(check(first, { state: "cancelled", reason: "not today" })), now: optedInAt + hour },
      dueNow(first + hour),
    ],
    ["whose result is on its way waits", { history: history(check(first)), publishing: true }, "hold:publishing"],
    [
      "whose result could not be shown says so",
      { history: history(check(first)), failedWrites: new Map([[1, 5]]) },
      "hold:publish-failed",
    ],
    [
      "whose text was edited keeps its times",
      { history: history(check(first, { payload: { revision: "before", dueAt: first } })), now: optedInAt + hour - 1 },
      "hold:not-due",
    ],
    ["waits for its pull request", { linked: pullRequest() }, "hold:linked-pull-request"],
    [
      "that a person blocked is not due",
      { candidate: candidate({ body: scheduledBody, labels: ["agent-ready", "agent-blocked"] }) },
      "hold:blocked",
    ],
    [
      "opted in by a stranger is not due",
      { candidate: candidate({ body: scheduledBody }, { labelActs: [labelAct({ actor: "stranger" })] }) },
      "hold:opt-in-untrusted",
    ],
    [
      "that died does not pass in silence",
      { history: history(check(first, { state: "dead", reason: "timeout" })), now: optedInAt },
      "hold:dead-letter",
    ],
    [
      "that died is the one tried again when its label is taken off",
      { history: history(check(first, { state: "dead", reason: "timeout" })), now: optedInAt + 3 * hour },
      dueNow(first),
    ],
    [
      "that died is recovered as what it was",
      {
        candidate: blocked({ body: scheduledBody }),
        history: history(check(first, { state: "dead", reason: "timeout" })),
      },
      `blocked-recovery:${scheduledRevision}/after:1`,
    ],
    [
      "that died waits for its next time once it was recovered",
      {
        history: history(
          check(first, { state: "dead", reason: "timeout" }),
          check(first, { id: 2, lane: "blocked-recovery" }),
        ),
        now: optedInAt + hour - 1,
      },
      "hold:not-due",
    ],
    [
      "of an issue that was implemented before is due",
      { history: history(worked()), now: optedInAt + minute },
      dueNow(first),
    ],
  ])("%s", (_name, over, expected) => {
    expect(decide({ candidate: scheduled, ...over })).toBe(expected);
  });

  it("carries the time it was due, in its recovery as well", () => {
    expect(wantedOf({ candidate: scheduled })).toMatchObject({
      dueAt: first + 2 * hour,
      payload: { dueAt: first + 2 * hour },
    });
    const died = history(check(first, { state: "dead", reason: "timeout" }));
    expect(wantedOf({ candidate: blocked({ body: scheduledBody }), history: died })).toMatchObject({ dueAt: first });
  });

  it("says when it is due next, in its own lane", () => {
    const verdict = decideIssue(
      facts({ candidate: scheduled, history: history(check(first)), now: optedInAt + minute }),
    );
    expect(verdict).toMatchObject({ lane: "scheduled-check", detail: `next at ${iso(first + hour)}` });
  });
});

describe("whatever the state", () => {
  const randomFacts = (seed: number): IssueFacts => {
    const { below, pick } = chanceOf(seed);
    const some = <T>(from: readonly T[]): readonly T[] => from.filter(() => below(3) === 0);
    const maybe = (chance: number) => below(chance) === 0;
    const body = pick([text.body, scheduledBody, "Schedule: 1m", "Depends-on: #3", "Schedule: 0 6 * * *"]);
    const logins = ["owner", "owner", "owner", "helper", "stranger", "newcomer", "acp-bot", "ghost"];
    const labels = ["agent-hold", "agent-blocked", "agent-keep-open", "agent-exclusive", "urgent"];
    const pinned = pick([revisionOf(text.title, body, []), "before"]);
    const moment = () => optedInAt + pick([-day, 0, minute, hour, 5 * hour]);
    const anyTask = (id: number, state: Task["state"]): Task => {
      const lane = pick(["issue-implementation", "scheduled-check", "blocked-recovery"]);
      const dueAt = lane === "scheduled-check" ? moment() : null;
      const blocker = lane === "blocked-recovery" ? { reason: "timeout", summary: "", round: below(4) } : null;
      const last = pick([pinned, `${pinned}/cycle:${below(4)}`, iso(dueAt ?? 0), `${pinned}/after:1`]);
      const reason = pick([
        null,
        "held",
        "edited",
        "timeout",
        "issue-worker-blocked",
        "verification-failed",
        "published",
      ]);
      const at = { updatedAt: moment(), finishedAt: moment() };
      const payload = { revision: pinned, dueAt, blocker };
      return task({ id, state, lane, reason, payload, dedupeKey: key(lane, last), ...at });
    };
    const ended = [1, 2, 3].map((id) => anyTask(id, pick(["succeeded", "cancelled", "dead"] as const)));
    const parts = {
      labelActs: [
        labelAct({ actor: pick(logins) }),
        ...some([
          blockedByUs,
          labelAct({ order: 13, label: "agent-blocked" }),
          labelAct({ order: 14, kind: "removed" }),
        ]),
      ],
      comments: some([comment({ author: pick(logins) })]),
      renames: some([{ order: below(20), actor: pick(logins), at: moment() }]),
      edit: maybe(3) ? { editor: pick(logins), at: moment() } : null,
    };
    const ready = maybe(8) ? [] : ["agent-ready"];
    const state = maybe(8) ? ("closed" as const) : ("open" as const);
    const read = candidate({ body, state, labels: [...ready, ...some(labels)] }, maybe(8) ? null : parts);
    return facts({
      now: moment(),
      candidate: { ...read, dependencies: new Map(some([[3, pick(["open", "completed", "gone"] as const)]])) },
      selfLogin: pick(["acp-bot", null, "owner"]),
      linked: maybe(8) ? pullRequest() : undefined,
      history: history(...some(ended)),
      live: some([anyTask(4, pick(["queued", "scheduled", "running"] as const))]),
      tasks: new Map(some(ended).map((each) => [each.dedupeKey ?? "", each])),
      publishing: maybe(4),
      failedWrites: new Map(some([[1, 9]])),
      cycle: maybe(10) ? "#7 -> #7" : undefined,
      startSha: pick([startSha, base.sha, null]),
    });
  };

  it("there is one answer, a code of the list or work, and work only for what people with permission asked for", () => {
    const seen = new Map<string, number>();
    for (let seed = 1; seed <= 4000; seed += 1) {
      const each = randomFacts(seed);
      const verdict = decideIssue(each);
      expect(decideIssue(each)).toEqual(verdict);
      const code = verdict.kind === "hold" ? verdict.because : verdict.wanted.lane;
      seen.set(code, (seen.get(code) ?? 0) + 1);
      if (verdict.kind === "hold") {
        expect(Object.keys(holdReasons)).toContain(verdict.because);
        continue;
      }
      const { issue: item, reading } = each.candidate;
      const setter = reading?.reading.timeline.labelActs.findLast(({ label }) => label === "agent-ready");
      expect([item.state, item.labels.includes("agent-hold"), each.linked, setter?.kind]).toEqual([
        "open",
        false,
        undefined,
        "added",
      ]);
      expect(["owner", "acp-bot"]).toContain(setter?.actor);
      const edit = reading?.reading.edit;
      if (edit && edit.at >= (setter?.at ?? 0)) expect(["owner", "acp-bot"]).toContain(edit.editor);
      for (const rename of reading?.reading.timeline.renames ?? []) {
        if (rename.order > (setter?.order ?? 0)) expect(["owner", "acp-bot"]).toContain(rename.actor);
      }
      expect(verdict.wanted.dedupeKey.startsWith(key(verdict.wanted.lane, ""))).toBe(true);
      expect(
        (verdict.wanted.dueAt ?? 0) <=
          Math.max(each.now, ...each.live.map(dueOf), ...each.history.map(({ newest }) => dueOf(newest))),
      ).toBe(true);
    }
    const lanes = ["issue-implementation", "scheduled-check", "blocked-recovery"];
    const codes = [
      "held",
      "blocked",
      "dead-letter",
      "publishing",
      "cancelled",
      "not-due",
      "opt-in-voided",
      "depends-on",
    ];
    expect([...lanes, ...codes].filter((code) => !seen.has(code))).toEqual([]);
  });

  const dueOf = ({ payload }: Task): number => Number((payload as { dueAt?: number | null }).dueAt ?? 0);

  it("scheduled checks are worked in the order of their times, each once, under any jumps of the clock", () => {
    for (let seed = 1; seed <= 10; seed += 1) {
      const { below, pick } = chanceOf(seed);
      const worldly = { candidate: candidate({ body: pick([scheduledBody, "Schedule: 30 2 * * *"]) }) };
      const served: number[] = [];
      let past: readonly LaneHistory[] = [];
      let live: Task[] = [];
      let clock = optedInAt;
      for (let id = 1; id <= 200; id += 1) {
        clock += pick([-day, -hour, 0, minute, hour, 7 * hour, 2 * day]) + below(minute);
        const [waiting] = live;
        if (waiting && below(2) === 0) {
          const end = pick(["succeeded", "succeeded", "cancelled"] as const);
          past = history({ ...waiting, state: end, reason: end === "cancelled" ? "held" : null, finishedAt: clock });
          if (end === "succeeded") served.push(dueOf(waiting));
          live = [];
        }
        const verdict = decideIssue(facts({ ...worldly, now: clock, history: past, live }));
        if (verdict.kind === "hold") {
          expect(verdict.because).toBe("not-due");
          continue;
        }
        const { dedupeKey, lane, payload } = verdict.wanted;
        if (live[0]) expect(dedupeKey).toBe(live[0].dedupeKey);
        else live = [task({ id, state: "queued", lane, dedupeKey, payload: { ...payload } as never })];
      }
      expect(served.length).toBeGreaterThan(3);
      expect(served).toEqual([...new Set(served)].sort((a, b) => a - b));
    }
  });
});
