import { describe, expect, it } from "vitest";
import {
  candidate,
  minute,
  now,
  policy,
  pullRequest,
  sha,
  snapshot,
  task,
  timeline,
  wanted,
} from "../../test/support/snapshots.ts";
import type { Check, PullRequestReading } from "../domain/reading.ts";
import type { CandidatePullRequest, Snapshot } from "../domain/snapshot.ts";
import type { PullRequest } from "../domain/work-item.ts";
import { aboutItems } from "./about-items.ts";
import { decideTick } from "./decide-tick.ts";

const seen = (issues: readonly ReturnType<typeof candidate>[], pullRequests: readonly CandidatePullRequest[] = []) => ({
  ...{ kind: "seen" as const, issues, pullRequests },
  base: { branch: "main", sha: sha(0), verdict: "unknown" as const },
});

/** As a tick says it, of one subject. */
const aboutOf = (subject: string, over: Partial<Snapshot>) => {
  const given = snapshot(over);
  return aboutItems(given, decideTick(given).decisions).get(subject);
};

const check = (state: Check["state"], name: string = state): Check => ({
  ...{ name, kind: "check-run", state, id: 1, runId: null, url: null, summary: "" },
});

const read = (over: Partial<PullRequest>, reading: Partial<PullRequestReading> | null): CandidatePullRequest => {
  const it = pullRequest(3, over);
  const usual = { headSha: it.headSha, mergeState: "clean", files: [], checks: [], timeline: timeline() } as const;
  const stored = { itemUpdatedAt: it.updatedAt, isSettled: true, readAt: now, headSeenAt: it.updatedAt };
  return { pullRequest: it, reading: reading && { ...stored, reading: { ...usual, ...reading } } };
};

describe("what is said of a candidate beside its decision", () => {
  it("is its title, cut where no forge would allow more, and where it is read", () => {
    expect(aboutOf("issue:7", { forge: seen([candidate(7, { title: "x".repeat(9_999) })]) })).toEqual({
      title: "x".repeat(300),
      url: "https://forge.test/o/r/issues/7",
    });
  });

  it("is nothing while the forge is not seen, so that what is known stays", () => {
    const forge = { kind: "unseen", because: "forge-unreachable", detail: "" } as const;
    const given = snapshot({ forge, tasks: [task(wanted(7))] });
    expect(decideTick(given).decisions).toHaveLength(1);
    expect(aboutItems(given, decideTick(given).decisions).size).toBe(0);
  });

  it.each<[string, readonly Check[], string]>([
    ["none were reported", [], "none"],
    ["all passed, or had nothing to say", [check("passed"), check("neutral"), check("skipped")], "passed"],
    ["one is not finished", [check("passed"), check("pending")], "running"],
    ["one failed, whatever the others do", [check("pending"), check("failed")], "failed"],
  ])("tells of a pull request of ours how its checks stand: %s", (_, checks, word) => {
    expect(aboutOf("pr:3", { forge: seen([], [read({}, { checks })]) })?.pull).toMatchObject({ checks: word });
  });

  it("tells its risk by the files it changes, and that of one that was not read nothing is known", () => {
    const files = [{ path: "docs/a.md", status: "modified", additions: 1, deletions: 0 }];
    expect(aboutOf("pr:3", { forge: seen([], [read({}, { files })]) })?.pull).toEqual({
      ...{ headSha: sha(3), risk: "low", checks: "none" },
    });
    expect(aboutOf("pr:3", { forge: seen([], [read({}, null)]) })?.pull).toEqual({
      ...{ headSha: sha(3), risk: null, checks: "unknown" },
    });
  });

  it.each<[string, Partial<PullRequest>]>([
    ["a stranger's branch", { headRef: "feature" }],
    ["a fork", { headRepo: "eve/r" }],
  ])("says of %s no more than that it is there", (_, over) => {
    expect(aboutOf("pr:3", { forge: seen([], [read(over, null)]) })).toEqual({
      ...{ title: "Change 3", url: "https://forge.test/o/r/pull/3" },
    });
  });

  it("tells when an issue with a schedule comes round, and which of its times was worked last", () => {
    const body = "Agent schedule: every 6h";
    const hour = 60 * minute;
    const optedInAt = now - 60 * minute;
    expect(aboutOf("issue:7", { forge: seen([candidate(7, { body })]) })?.schedule).toEqual({
      ...{ line: body, everyMs: 6 * hour, lastAt: null, dueAt: optedInAt },
    });
    const lastAt = now - 2 * hour;
    const done = task(wanted(7, { lane: "scheduled-check" }), {
      ...{ state: "succeeded", finishedAt: now, payload: { dueAt: lastAt } },
    });
    const history = new Map([["issue:7", [{ lane: "scheduled-check", newest: done }]]]);
    expect(aboutOf("issue:7", { forge: seen([candidate(7, { body })]), history })?.schedule).toEqual({
      ...{ line: body, everyMs: 6 * hour, lastAt, dueAt: lastAt + 6 * hour },
    });
  });

  it("names no distance of times that are named one by one", () => {
    const body = "Schedule: cron 0 6 * * *";
    const about = aboutOf("issue:7", { forge: seen([candidate(7, { body })]), policy: policy({ timeZone: "UTC" }) });
    expect(about?.schedule).toMatchObject({ line: body, everyMs: null });
    expect(new Date(about?.schedule?.dueAt ?? 0).getUTCHours()).toBe(6);
  });
});
