import { ManualClock, type TemporaryStore, temporaryStore } from "@agent-control-plane/testkit";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  type Connected,
  type ForgeUnderTest,
  type NewRepository,
  startForgeUnderTest,
} from "../fixtures/forge-under-test.ts";

let under: ForgeUnderTest;
let repository: NewRepository;
let temporary: TemporaryStore;
let clock: ManualClock;
let bot: Connected;
let ann: Connected;

const at = () => ({ cache: temporary.store.forgeCache, cooldowns: temporary.store.cooldowns, clock });

beforeAll(async () => {
  under = await startForgeUnderTest();
});
afterAll(async () => {
  await under.remove();
  expect(under.contractProblems()).toEqual([]);
});
beforeEach(async () => {
  clock = new ManualClock();
  temporary = await temporaryStore({ clock });
  repository = await under.newRepository();
  under.forge.resetCounters();
  bot = repository.connect("bot", at());
  ann = repository.connect("ann", at());
});

async function openIssues(count: number): Promise<void> {
  for (let i = 1; i <= count; i += 1) await ann.operator.createIssue({ title: `Issue ${i}`, labels: ["agent-ready"] });
}

/** What a tick looks at when nothing is known to have changed. */
async function look(at: Connected = bot) {
  const [issues, pulls] = await Promise.all([at.source.openIssues("agent-ready"), at.source.openPullRequests()]);
  return { issues: issues.length, pulls: pulls.length };
}

describe("an idle look", () => {
  it("is two requests, both unmetered", async () => {
    await openIssues(3);
    await look();
    under.forge.resetCounters();
    expect(await look()).toEqual({ issues: 3, pulls: 0 });
    expect(under.forge.counters()).toMatchObject({ requests: 2, notModified: 2, metered: 0 });
  });

  it("is unmetered after a restart too", async () => {
    await openIssues(2);
    await look();
    const restarted = repository.connect("bot", { ...at(), cache: (await temporary.open()).forgeCache });
    under.forge.resetCounters();
    expect(await look(restarted)).toEqual({ issues: 2, pulls: 0 });
    expect(under.forge.counters()).toMatchObject({ requests: 2, notModified: 2, metered: 0 });
  });

  it("at 500 open issues is six requests, all unmetered", async () => {
    await openIssues(500);
    await look();
    under.forge.resetCounters();
    expect(await look()).toEqual({ issues: 500, pulls: 0 });
    expect(under.forge.counters()).toMatchObject({ requests: 6, notModified: 6, metered: 0 });
  });

  it("sees the change it has been waiting for", async () => {
    await openIssues(2);
    await look();
    await ann.operator.createIssue({ title: "New", labels: ["agent-ready"] });
    await ann.operator.closeIssue(1);
    expect((await bot.source.openIssues("agent-ready")).map((issue) => issue.title)).toEqual(["Issue 2", "New"]);
  });

  it("does not take another credential's answers", async () => {
    await openIssues(1);
    await look();
    under.forge.resetCounters();
    await look(repository.connect("eve", at()));
    expect(under.forge.counters()).toMatchObject({ notModified: 0 });
  });
});

describe("what is seen", () => {
  it("of issues leaves pull requests and other labels out", async () => {
    await openPull();
    await ann.operator.createIssue({ title: "Ready", body: "Please", labels: ["agent-ready", "bug"] });
    await ann.operator.createIssue({ title: "Not ready" });
    await ann.operator.setLabels(1, { add: ["agent-ready"] });
    const issues = await bot.source.openIssues("agent-ready");
    expect(issues).toMatchObject([{ title: "Ready", body: "Please", author: "ann", state: "open" }]);
    expect([...(issues[0]?.labels ?? [])].sort()).toEqual(["agent-ready", "bug"]);
    const [pull] = await bot.source.openPullRequests();
    expect(pull).toMatchObject({
      number: 1,
      headRef: "agent/1",
      baseRef: "main",
      headRepo: repository.fullName,
      merged: false,
    });
    expect(await bot.source.branchHead("agent/1")).toEqual({ kind: "present", value: pull?.headSha });
    expect(await bot.source.branchHead("agent/2")).toEqual({ kind: "absent" });
  });

  it("of the repository and of people are their rights", async () => {
    expect(await bot.source.repository()).toEqual({ defaultBranch: "main", canPush: true });
    expect(await bot.source.permission("ann")).toBe("write");
    expect(await bot.source.permission("eve")).toBe("read");
  });

  it("of a deleted or unknown issue is that it is absent", async () => {
    await openIssues(1);
    expect(await bot.source.issue(1)).toMatchObject({ kind: "present", value: { title: "Issue 1" } });
    under.forge.deleteIssue(repository.fullName, 1);
    expect(await bot.source.issue(1)).toEqual({ kind: "absent" });
    expect(await bot.source.issue(99)).toEqual({ kind: "absent" });
  });
});

describe("a person's commands", () => {
  it("work on issues", async () => {
    const { operator } = ann;
    expect(await operator.ensureLabel({ name: "agent-ready", color: "0e8a16", description: "May be worked on" })).toBe(
      true,
    );
    expect(await operator.ensureLabel({ name: "agent-ready" })).toBe(false);
    const issue = await operator.createIssue({ title: "Broken", body: "Badly", labels: ["agent-ready"] });
    const comment = await operator.comment(issue.number, "Really");
    expect(await operator.viewIssue(issue.number)).toMatchObject({ issue: { title: "Broken" }, comments: [comment] });
    const labels = await operator.setLabels(issue.number, { add: ["bug"], remove: ["agent-ready", "never-was"] });
    expect(labels).toEqual(["bug"]);
    expect(await operator.listIssues({ label: "bug" })).toHaveLength(1);
    expect(await operator.closeIssue(issue.number)).toMatchObject({ state: "closed" });
    expect(await operator.listIssues()).toEqual([]);
    expect(await operator.listIssues({ state: "closed" })).toHaveLength(1);
  });

  it("work on pull requests, and merge only the head that was looked at", async () => {
    await openPull();
    const { pull } = await ann.operator.viewPull(1);
    expect(await ann.operator.listPulls()).toHaveLength(1);
    expect(await ann.operator.pullDiff(1)).toContain("+A change");
    expect(await ann.operator.review(1, { verdict: "approve", body: "Good", sha: pull.headSha })).toHaveProperty("url");
    const stale = ann.operator.mergePull(1, { sha: "0".repeat(40) });
    await expect(stale).rejects.toMatchObject({ failure: "refused", details: { status: 409 } });
    expect(await ann.operator.mergePull(1, { sha: pull.headSha, method: "squash" })).toHaveProperty("sha");
    expect((await ann.operator.viewPull(1)).pull).toMatchObject({ merged: true, state: "closed" });
  });

  it("without the right to write are refused", async () => {
    await openIssues(1);
    const eve = repository.connect("eve", at());
    await expect(eve.operator.setLabels(1, { add: ["x"] })).rejects.toMatchObject({ failure: "refused" });
  });
});

it("a wrong token is named by its place and not shown", async () => {
  const wrong = repository.connectWith("not-a-token-of-anyone", at());
  const error = await wrong.source.repository().catch((thrown) => thrown);
  expect(error).toMatchObject({ failure: "refused", details: { status: 401 } });
  expect(error.message).toContain("secrets file");
  expect(error.message).not.toContain("not-a-token-of-anyone");
});

it("a used-up budget stops everything until it is there again", async () => {
  await look();
  under.forge.setRateLimit("core", 1);
  await expect(bot.source.openIssues("other-label")).rejects.toMatchObject({ failure: "rate-limited" });
  under.forge.setRateLimit("core", 100_000);
  under.forge.resetCounters();
  await Promise.allSettled([look(), bot.writes.postComment(1, "x"), bot.source.issue(1)]);
  expect(under.forge.counters().requests).toBe(0);
  expect(await temporary.store.cooldowns.active()).toMatchObject([{ scope: `forge:${bot.gate.credentialKey}` }]);
});

async function openPull(): Promise<void> {
  const sha = await repository.git.commit("A change");
  await repository.git.pushBranch.push({ branch: "agent/1", sha, expectedSha: null });
  await bot.writes.openPullRequest({ head: "agent/1", base: "main", title: "Fix", body: "Text", draft: false });
}
