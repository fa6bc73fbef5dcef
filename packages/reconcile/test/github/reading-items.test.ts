import type { Issue, PullRequest, PullRequestReading } from "@agent-control-plane/core";
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
let bot: Connected;
let ann: Connected;

beforeAll(async () => {
  under = await startForgeUnderTest();
});
afterAll(async () => {
  await under.remove();
  expect(under.contractProblems()).toEqual([]);
});
beforeEach(async () => {
  const clock = new ManualClock();
  temporary = await temporaryStore({ clock });
  repository = await under.newRepository();
  const at = { cache: temporary.store.forgeCache, cooldowns: temporary.store.cooldowns, clock };
  bot = repository.connect("bot", at);
  ann = repository.connect("ann", at);
});

/** What `read` cost, by the forge's own count. */
async function costOf(read: () => Promise<unknown>) {
  const { sequence } = under.forge.counters();
  await read();
  const { requests, metered, meteredBy, notModified, routes } = under.forge.counters({ since: sequence });
  return { requests, metered, core: meteredBy.core, graphql: meteredBy.graphql, notModified, routes };
}

async function seen(number: number): Promise<Issue> {
  const found = await bot.source.issue(number);
  if (found.kind !== "present") throw new Error(`issue ${number} is ${found.kind}`);
  return found.value;
}

async function seenPull(number: number): Promise<PullRequest> {
  const found = (await bot.source.openPullRequests()).find((pull) => pull.number === number);
  if (!found) throw new Error(`pull request ${number} is not open`);
  return found;
}

const change = (number: number, text: object) =>
  ann.gate.request("PATCH /repos/{owner}/{repo}/issues/{issue_number}", {
    ...repository.name,
    issue_number: number,
    ...text,
  });

async function block(number: number, by: number): Promise<void> {
  const { data } = await ann.gate.request("GET /repos/{owner}/{repo}/issues/{issue_number}", {
    ...repository.name,
    issue_number: by,
  });
  const route = "POST /repos/{owner}/{repo}/issues/{issue_number}/dependencies/blocked_by";
  await ann.gate.request(route, { ...repository.name, issue_number: number, issue_id: Number(data.id) });
}

describe("an issue", () => {
  it("is read with who did what to it, in its order", async () => {
    const { number } = await ann.operator.createIssue({ title: "Broken", body: "Badly", labels: ["agent-ready"] });
    await bot.operator.comment(number, "Which one?");
    await change(number, { title: "Broken door" });
    await ann.operator.setLabels(number, { remove: ["agent-ready"] });
    const { timeline, edit, blockers } = await bot.source.readIssue(await seen(number));
    expect(timeline.labelActs).toMatchObject([
      { order: 0, kind: "added", label: "agent-ready", actor: "ann" },
      { order: 3, kind: "removed", label: "agent-ready", actor: "ann" },
    ]);
    expect(timeline.comments).toMatchObject([{ order: 1, author: "bot", body: "Which one?" }]);
    expect(timeline.renames).toMatchObject([{ order: 2, actor: "ann" }]);
    expect({ edit, blockers }).toEqual({ edit: null, blockers: [] });
  });

  it("is read with the last edit of its body", async () => {
    const { number } = await ann.operator.createIssue({ title: "Broken", body: "Badly" });
    await change(number, { body: "Very badly" });
    const { edit } = await bot.source.readIssue(await seen(number));
    expect(edit).toMatchObject({ editor: "ann", at: expect.any(Number) });
  });

  it("is read with what blocks it, and why that was closed", async () => {
    for (const title of ["Waits", "Open", "Dropped"]) await ann.operator.createIssue({ title });
    await block(1, 2);
    await block(1, 3);
    await ann.operator.closeIssue(3, "not_planned");
    const issue = await seen(1);
    expect(issue.blockedBy).toEqual({ open: 1, total: 2 });
    expect(await seen(3)).toMatchObject({ state: "closed", stateReason: "not-planned" });
    const { blockers } = await bot.source.readIssue(issue);
    expect(blockers.toSorted((a, b) => a.number - b.number)).toEqual([
      { number: 2, repo: null, state: "open", stateReason: null },
      { number: 3, repo: null, state: "closed", stateReason: "not-planned" },
    ]);
  });

  it("read again unchanged costs 304s, and one query of the other budget", async () => {
    for (const title of ["Waits", "Open"]) await ann.operator.createIssue({ title });
    await block(1, 2);
    const issue = await seen(1);
    expect(await costOf(() => bot.source.readIssue(issue))).toMatchObject({ requests: 3, core: 2, graphql: 1 });
    expect(await costOf(() => bot.source.readIssue(issue))).toMatchObject({
      requests: 3,
      core: 0,
      graphql: 1,
      notModified: 2,
    });
  });

  it("without blockers is not asked for them", async () => {
    await ann.operator.createIssue({ title: "Free" });
    const issue = await seen(1);
    expect(await costOf(() => bot.source.readIssue(issue))).toMatchObject({ requests: 2, core: 1, graphql: 1 });
  });

  it("is read whole when its timeline grows past a full page", async () => {
    await ann.operator.createIssue({ title: "Long", labels: ["agent-ready"] });
    for (let i = 1; i < 100; i += 1) await ann.writes.postComment(1, `Comment ${i}`);
    const issue = await seen(1);
    expect((await bot.source.readIssue(issue)).timeline.comments).toHaveLength(99);
    await ann.operator.setLabels(1, { remove: ["agent-ready"] });
    expect((await bot.source.readIssue(issue)).timeline.labelActs).toMatchObject([
      { order: 0, kind: "added" },
      { order: 100, kind: "removed" },
    ]);
    expect(await costOf(() => bot.source.readIssue(issue))).toMatchObject({ core: 0, graphql: 1 });
  });
});

describe("a pull request", () => {
  let pull: PullRequest;
  beforeEach(async () => {
    await push("A change", null);
    await ann.writes.openPullRequest({ head: "agent/1", base: "main", title: "Fix", body: "Text", draft: false });
    pull = await seenPull(1);
  });

  async function push(message: string, expectedSha: string | null): Promise<string> {
    const sha = await repository.git.commit(message);
    await repository.git.pushBranch.push({ branch: "agent/1", sha, expectedSha });
    return sha;
  }
  const setChecks = (ref: string, checks: Parameters<typeof under.forge.setChecks>[0]["checks"]) =>
    under.forge.setChecks({ repository: repository.fullName, ref, checks });
  const setStatus = (context: string, state: "pending" | "success" | "failure") =>
    ann.gate.request("POST /repos/{owner}/{repo}/statuses/{sha}", {
      ...repository.name,
      sha: pull.headSha,
      state,
      context,
    });
  const readAll = () => bot.source.readPullRequest(pull, { kind: "all" });
  const readPart = (kind: "checks" | "merge-state", before: PullRequestReading) =>
    bot.source.readPullRequest(pull, { kind, before });
  /** The forge computes it after it was asked, as GitHub does. */
  async function settledReading(): Promise<PullRequestReading> {
    let reading = await readAll();
    for (let round = 0; reading.mergeState === "unknown" && round < 50; round += 1) reading = await readAll();
    return reading;
  }
  const states = (reading: PullRequestReading) =>
    reading.checks.map(({ name, kind, state }) => `${kind} ${name} ${state}`);

  it("is read with its files, checks, reviews and pushes", async () => {
    const { workflowRunId } = await setChecks(pull.headSha, { lint: "success", test: "failure" });
    await setStatus("deploy", "pending");
    await bot.operator.review(1, { verdict: "request-changes", body: "No", sha: pull.headSha });
    const reading = await settledReading();
    expect(reading).toMatchObject({
      headSha: pull.headSha,
      files: [{ path: "change.txt", status: "added", additions: 1, deletions: 0 }],
      checks: [
        { name: "deploy", kind: "status", state: "pending", id: null, runId: null },
        { name: "lint", kind: "check-run", state: "passed", runId: workflowRunId },
        { name: "test", kind: "check-run", state: "failed", runId: workflowRunId },
      ],
    });
    expect(reading.timeline.pushes).toMatchObject([{ kind: "commit", sha: pull.headSha }]);
    expect(reading.timeline.reviews).toMatchObject([
      { author: "bot", state: "changes-requested", body: "No", headSha: pull.headSha },
    ]);
    expect(["clean", "unstable", "blocked"]).toContain(reading.mergeState);
  });

  it("with more checks than a page holds is read with all of them, the failed one on the second page too", async () => {
    const passed = Array.from({ length: 120 }, (_, index) => [`check ${index}`, "success"] as const);
    await setChecks(pull.headSha, {
      "a failed one": "failure",
      ...Object.fromEntries(passed),
      "z failed one": "failure",
    });
    const { checks } = await readAll();
    expect(checks).toHaveLength(122);
    const failed = checks.filter(({ state }) => state === "failed").map(({ name }) => name);
    expect(failed.sort()).toEqual(["a failed one", "z failed one"]);
  });

  it("of usual size costs five requests, and unchanged nothing", async () => {
    await setChecks(pull.headSha, { test: "success" });
    await settledReading();
    const sha = await push("Another change", pull.headSha);
    pull = await seenPull(1);
    expect(pull.headSha).toBe(sha);
    const first = await costOf(readAll);
    expect(first.requests).toBe(5);
    expect(first.metered).toBeLessThanOrEqual(5);
    await settledReading();
    expect(await costOf(readAll)).toMatchObject({ requests: 5, metered: 0, notModified: 5 });
  });

  it("with pending checks costs one conditional request until they move", async () => {
    await setChecks(pull.headSha, { lint: "success", test: "in_progress" });
    const before = await readAll();
    expect(await costOf(() => readPart("checks", before))).toMatchObject({ requests: 1, metered: 0, notModified: 1 });
    expect(await readPart("checks", before)).toEqual(before);
    await setChecks(pull.headSha, { test: "failure" });
    const after = await readPart("checks", before);
    expect(states(after)).toEqual(["check-run lint passed", "check-run test failed"]);
    expect(after).toEqual({ ...before, checks: after.checks });
  });

  it("with pending statuses alone costs one conditional request too", async () => {
    await setChecks(pull.headSha, { lint: "success" });
    await setStatus("deploy", "pending");
    const before = await readAll();
    expect(await costOf(() => readPart("checks", before))).toMatchObject({ requests: 1, metered: 0, notModified: 1 });
    await setStatus("deploy", "success");
    expect(states(await readPart("checks", before))).toEqual(["status deploy passed", "check-run lint passed"]);
  });

  it("whose last pending check ended shows the status that came meanwhile", async () => {
    await setChecks(pull.headSha, { test: "queued" });
    const before = await readAll();
    await setStatus("deploy", "failure");
    await setChecks(pull.headSha, { test: "success" });
    expect(states(await readPart("checks", before))).toEqual(["status deploy failed", "check-run test passed"]);
  });

  it("whose failed check runs again shows the new run", async () => {
    const { workflowRunId } = await setChecks(pull.headSha, { lint: "success", test: "failure" });
    const before = await readAll();
    await bot.writes.rerunFailedJobs(workflowRunId);
    const { checks } = await readPart("checks", before);
    expect(checks).toMatchObject([
      { name: "lint", state: "passed" },
      { name: "test", state: "pending", runId: workflowRunId },
    ]);
    expect(checks[1]?.id).toBeGreaterThan(before.checks[1]?.id ?? Number.POSITIVE_INFINITY);
  });

  it("is asked for its mergeability in one conditional request", async () => {
    const before = await settledReading();
    expect(await costOf(() => readPart("merge-state", before))).toMatchObject({ requests: 1, metered: 0 });
    expect(await readPart("merge-state", before)).toEqual(before);
  });

  it.each(["checks", "merge-state"] as const)("read of another head is no base for its %s", async (kind) => {
    const before = await settledReading();
    const sha = await push("Another change", pull.headSha);
    pull = await seenPull(1);
    const after = await readPart(kind, before);
    expect(after).toMatchObject({ headSha: sha });
    expect(after.timeline.pushes.at(-1)).toMatchObject({ sha });
  });

  it("that was pushed to since the list was read is read for its new head", async () => {
    await setChecks(pull.headSha, { test: "success" });
    const sha = await push("Another change", pull.headSha);
    const reading = await readAll();
    expect(reading).toMatchObject({ headSha: sha, checks: [] });
  });

  it("names who is asked to review it", async () => {
    const route = "POST /repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers";
    await ann.gate.request(route, { ...repository.name, pull_number: 1, reviewers: ["bot"] });
    expect((await seenPull(1)).requestedReviewers).toEqual(["bot"]);
    expect(await bot.source.pullRequest(1)).toMatchObject({ kind: "present", value: { requestedReviewers: ["bot"] } });
    expect(await bot.source.pullRequest(9)).toEqual({ kind: "absent" });
  });
});

it("our own login is asked once, and the names of labels are conditional", async () => {
  await ann.operator.ensureLabel({ name: "agent-ready" });
  expect(await bot.source.selfLogin()).toBe("bot");
  expect(await costOf(() => bot.source.selfLogin())).toMatchObject({ requests: 0 });
  expect(await bot.source.labelNames()).toContain("agent-ready");
  expect(await costOf(() => bot.source.labelNames())).toMatchObject({ requests: 1, metered: 0 });
});
