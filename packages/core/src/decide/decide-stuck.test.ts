import { expect, it } from "vitest";
import { candidate, minute, now, pullRequest, snapshot, task, wanted } from "../../test/support/snapshots.ts";
import type { HoldReason } from "../domain/hold-reason.ts";
import type { Snapshot, Stuck } from "../domain/snapshot.ts";
import type { Task } from "../domain/task.ts";
import { decideStuck } from "./decide-stuck.ts";
import type { Judged } from "./judge-candidates.ts";

const done = (over: Partial<Task> = {}): Task =>
  task(wanted(1), { id: 1, state: "succeeded", payload: { kind: "issue", revision: "r1" }, ...over });
const repaired = done({ subject: "pr:2", lane: "pr-fix", payload: { kind: "pull-request", headSha: "old" } });
const refused = { rowId: 7, kind: "push-branch", error: "protected branch", dueAt: now - minute } as const;
const stuck = (over: Partial<Stuck> = {}): Stuck => ({ task: done(), refused, asked: null, ...over });
const asked = (at: number | null): Partial<Stuck> => ({ asked: { at } });

const judged = (because: HoldReason = "publish-failed", pin: string | null = "r1", subject = "issue:1"): Judged => ({
  subject,
  verdict: { kind: "hold", because, detail: "", lane: "issue-implementation" },
  pin,
  rows: [],
});

function decide(of: Stuck, seen: Judged | null, isBlocked = false, over: Partial<Snapshot> = {}): readonly string[] {
  const labels = isBlocked ? ["agent-ready", "agent-blocked"] : ["agent-ready"];
  const shown = snapshot();
  if (shown.forge.kind === "unseen") throw new Error("unseen");
  const issues = [candidate(1, { labels })];
  const pullRequests = [{ pullRequest: pullRequest(2, { labels }), reading: null }];
  const forge = { ...shown.forge, issues, pullRequests };
  const facts = { ...shown, forge, stuck: new Map([[of.task.id, of]]), ...over };
  return decideStuck(facts, seen === null ? [] : [seen]).map(({ kind }) => kind);
}

const old = now - 2 * minute;

it.each<[string, Stuck, Judged | null, boolean, readonly string[]]>([
  ["is asked about", stuck(), judged(), false, ["ask"]],
  ["is not asked about where a person has blocked it", stuck(), judged("blocked"), true, []],
  ["is asked about once", stuck(asked(null)), judged(), false, []],
  ["waits while the label is there", stuck(asked(old)), judged(), true, []],
  ["waits while our list may be older than the label", stuck(asked(now - 30_000)), judged(), false, []],
  ["is sent again when the label was taken off", stuck(asked(old)), judged(), false, ["resend"]],
  ["is left alone while it is on its way again", stuck({ refused: null, ...asked(old) }), judged(), false, []],
  ["is not asked about while a person holds it", stuck(), judged("held"), false, []],
  ["is not sent again while a person holds it", stuck(asked(old)), judged("held"), false, []],
  ["is not sent beside somebody's pull request", stuck(asked(old)), judged("linked-pull-request"), false, []],
  ["is not asked about when it left the list", stuck(), null, false, []],
  ["is not asked about when it was made for another text", stuck(), judged("publishing", "r2"), false, []],
  ["is not sent when nobody knows what its text is now", stuck(asked(old)), judged("details-unread", null), false, []],
  [
    "of a pull request is asked about",
    stuck({ task: repaired }),
    judged("publish-failed", "old", "pr:2"),
    false,
    ["ask"],
  ],
  [
    "of a pull request ends with a person's push",
    stuck({ task: repaired }),
    judged("publishing", "new", "pr:2"),
    false,
    [],
  ],
])("finished work that the forge refused %s", (_, of, seen, isBlocked, expected) => {
  expect(decide(of, seen, isBlocked)).toEqual(expected);
});

it("nothing is concluded from a forge that is not seen", () => {
  const forge = { kind: "unseen", because: "forge-unreachable", detail: "" } as const;
  expect(decide(stuck(asked(old)), judged(), false, { forge })).toEqual([]);
});
