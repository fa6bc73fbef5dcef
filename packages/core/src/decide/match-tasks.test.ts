import { describe, expect, test } from "vitest";
import { now, policy, sha, snapshot, task, wanted } from "../../test/support/snapshots.ts";
import type { HoldReason } from "../domain/hold-reason.ts";
import type { Task } from "../domain/task.ts";
import type { Verdict } from "../domain/wanted.ts";
import { matchTasks } from "./match-tasks.ts";

const one = wanted(1);
const pull = wanted(7, { lane: "pr-fix" });
const wants = (of = one): Verdict => ({ kind: "wanted", wanted: of });
const hold = (because: HoldReason): Verdict => ({ kind: "hold", because, detail: "", lane: "issue-implementation" });
const running = (of = one): Task => task(of, { state: "running", attempts: 1 });
const reasons = (verdict: Verdict, pin: string | null, live: readonly Task[], over = {}) =>
  matchTasks(snapshot({ policy: policy(over) }), verdict, pin, live).cancel.map(({ reason }) => reason);

describe("a session under way", () => {
  test.each<HoldReason>([
    "held",
    "not-open",
    "not-opted-in",
    "opt-in-untrusted",
    "opt-in-voided",
    "blocked",
    "linked-pull-request",
  ])("is stopped when its issue is %s", (because) => {
    expect(reasons(hold(because), "r1", [running()])).toEqual([because]);
  });

  test.each<HoldReason>(["not-managed", "handoff-untrusted", "draft", "fork", "held", "not-open", "blocked"])(
    "is stopped when its pull request is %s",
    (because) => {
      expect(reasons(hold(because), sha(7), [running(pull)])).toEqual([because]);
    },
  );

  test.each<HoldReason>([
    "details-unread",
    "publishing",
    "checks-pending",
    "merge-state-unknown",
    "no-lane",
    "depends-on",
    "not-due",
  ])("goes on while the answer is %s: nobody said stop", (because) => {
    const match = matchTasks(snapshot(), hold(because), "r1", [running()]);
    expect(match.cancel).toEqual([]);
    expect(match.running).not.toBeNull();
  });

  test("is stopped when its issue was edited, and what is wanted now is made", () => {
    const edited = wanted(1, { dedupeKey: "demo/issue:1/issue-implementation/r2" });
    const match = matchTasks(snapshot(), wants(edited), "r2", [running()]);
    expect(match.cancel.map(({ reason }) => reason)).toEqual(["edited"]);
    expect(match.contender?.wanted).toBe(edited);
  });

  test("keeps what will take its place, for as long as it takes to stop it", () => {
    const edited = wanted(1, { dedupeKey: "demo/issue:1/issue-implementation/r2" });
    const waiting = task(edited);
    const older = task(wanted(1, { dedupeKey: "demo/issue:1/issue-implementation/r0" }));
    const match = matchTasks(snapshot(), wants(edited), "r2", [running(), waiting, older]);
    expect(match.cancel.map(({ task: { id }, reason }) => [id, reason])).toEqual([
      [older.id, "superseded"],
      [expect.any(Number), "edited"],
    ]);
    expect(match.contender).toEqual({ wanted: edited, task: waiting });
  });

  test("of a time that stays due is stopped before that time is worked again", () => {
    const match = matchTasks(snapshot(), wants(), "r2", [running()]);
    expect(match.cancel.map(({ reason }) => reason)).toEqual(["edited"]);
    expect(match.contender).toBeNull();
  });

  test("goes on over an edit when the profile says so", () => {
    expect(reasons(wants(), "r2", [running()], { onDrift: "continue" })).toEqual([]);
  });

  test("is stopped and gives the word to a person when the profile says so", () => {
    const match = matchTasks(snapshot({ policy: policy({ onDrift: "ask" }) }), wants(), "r2", [running()]);
    expect(match.cancel.map(({ reason }) => reason)).toEqual(["drift-asked"]);
    expect(match.contender).toBeNull();
  });

  test("is void when somebody pushed to its pull request, whatever the profile says of edits", () => {
    expect(reasons(hold("checks-pending"), sha(8), [running(pull)], { onDrift: "continue" })).toEqual(["superseded"]);
  });

  test("goes on while it is not known what its issue says now", () => {
    expect(reasons(hold("details-unread"), null, [running()])).toEqual([]);
  });

  test("of a recovery goes on although the blocked label is still there", () => {
    const recovery = wanted(1, { lane: "blocked-recovery" });
    expect(reasons(wants(recovery), "r1", [running(recovery)])).toEqual([]);
  });
});

describe("a task that waits", () => {
  test("contends with what it has been through", () => {
    const waiting = task(one, { state: "scheduled", attempts: 2 });
    expect(matchTasks(snapshot(), wants(), "r1", [waiting]).contender?.task).toBe(waiting);
  });

  test.each<HoldReason>(["held", "blocked", "details-unread", "linked-pull-request", "depends-on", "checks-pending"])(
    "keeps its attempts while it is %s",
    (because) => {
      const match = matchTasks(snapshot(), hold(because), "r1", [task(one, { attempts: 2 })]);
      expect(match.cancel).toEqual([]);
      expect(match.hold?.because).toBe(because);
    },
  );

  test.each<HoldReason>(["not-open", "not-opted-in", "opt-in-untrusted", "opt-in-voided"])(
    "is cancelled when its issue is %s",
    (because) => {
      expect(reasons(hold(because), "r1", [task(one)])).toEqual([because]);
    },
  );

  test("gives way to what is wanted now", () => {
    const older = task(wanted(1, { dedupeKey: "demo/issue:1/issue-implementation/r0" }));
    const match = matchTasks(snapshot({ now }), wants(), "r1", [older]);
    expect(match.cancel.map(({ reason }) => reason)).toEqual(["superseded"]);
    expect(match.contender).toEqual({ wanted: one, task: null });
  });
});
