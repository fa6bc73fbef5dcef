// Acceptance: what a tick costs at the forge, by the forge's own request log. The real scheduler, store and requests.
import { expect, it } from "vitest";
import { type Cost, type RepositoryOnForge, repositoryOnForge } from "../support/repository-on-forge.ts";

const issues = "GET /repos/{owner}/{repo}/issues";
const pulls = "GET /repos/{owner}/{repo}/pulls";
const base = "GET /repos/{owner}/{repo}/git/ref/{ref}";
const checkRuns = "GET /repos/{owner}/{repo}/commits/{ref}/check-runs";
const timeline = "GET /repos/{owner}/{repo}/issues/{issue_number}/timeline";
const statuses = "GET /repos/{owner}/{repo}/commits/{ref}/status";

/** Everything that would start waits, so that nothing changes unless a test changes it. */
async function paused(): Promise<RepositoryOnForge> {
  const at = await repositoryOnForge();
  await at.store.pauses.set({ scope: "web", actor: "ann", reason: "only looking" });
  return at;
}

const nothing = { metered: 0, meteredBy: { core: 0, search: 0, graphql: 0 }, writes: 0, writing: [] };

it("500 issues and 3, 20 and 50 pull requests of ours, unchanged: at most 8 requests a tick, all 304", async () => {
  const at = await paused();
  await at.fileIssues(500);
  let open = 0;
  for (const wanted of [3, 20, 50]) {
    await at.openPulls(wanted - open);
    open = wanted;
    await at.settle();
    expect((await at.store.decisions.list("web")).length).toBe(500 + open);
    const idle = [await at.tick(), await at.tick(), await at.tick(), await at.tick()];
    for (const cost of idle) {
      expect(cost).toMatchObject({ ...nothing, notModified: cost.requests });
      expect(cost.requests).toBeLessThanOrEqual(8);
    }
    for (const { byRoute } of idle) expect(byRoute).toMatchObject({ [issues]: 5, [pulls]: 1, [base]: 1 });
    expect(idle.reduce((sum, { samples }) => sum + samples, 0)).toBeLessThanOrEqual(1);
    // Every other tick looks at the checks of one pull request.
    expect(idle.map(({ byRoute }) => checksIn(byRoute)).sort()).toEqual([0, 0, 1, 1]);
  }
}, 120_000);

it("by turns every quiet pull request has its checks looked at, and a rerun is seen", async () => {
  const at = await paused();
  const numbers = await at.openPulls(4);
  await at.settle();
  await at.forge.setChecks({ repository: "ann/web", ref: "agent/web/issue-100003-s1", checks: { build: "failure" } });
  for (let ticks = 0; ticks < 2 * numbers.length; ticks += 1) await at.tick();
  const seen = at.project.known.pullRequests.get(`pr:${numbers[2]}`);
  expect(seen?.reading.checks.find(({ name }) => name === "build")?.state).toBe("failed");
});

it("a pull request whose checks are pending adds one request a tick, and it is a free one", async () => {
  const at = await paused();
  await at.openPulls(3);
  await at.settle();
  const without = await twoTicks(at);
  await at.openPulls(1);
  await at.forge.setChecks({
    repository: "ann/web",
    ref: "agent/web/issue-100004-s1",
    checks: { build: "in_progress" },
  });
  await at.settle();

  const cost = await twoTicks(at);

  expect(cost).toMatchObject({ metered: 0, notModified: cost.requests });
  expect(cost.requests).toBe(without.requests + 2);
  expect(checksIn(cost.byRoute)).toBe(checksIn(without.byRoute) + 2);
});

it("failed checks add one request a tick for those of the base, and it is a free one", async () => {
  const at = await paused();
  await at.openPulls(3);
  await at.settle();
  const without = await twoTicks(at);
  for (const number of [1, 2, 3]) {
    await at.forge.setChecks({
      repository: "ann/web",
      ref: `agent/web/issue-10000${number}-s1`,
      checks: { build: "failure" },
    });
  }
  for (let ticks = 0; ticks < 12; ticks += 1) await at.tick();
  await at.settle();

  const cost = await twoTicks(at);

  expect(cost).toMatchObject({ metered: 0, notModified: cost.requests });
  expect(cost.requests).toBe(without.requests + 2);
  await at.forge.setChecks({ repository: "ann/web", ref: "main", checks: { build: "failure" } });
  await at.tick();
  expect(at.project.known.baseChecks?.checks).toMatchObject([{ name: "build", state: "failed" }]);
});

it.each<[string, number, (at: RepositoryOnForge, number: number) => Promise<unknown>]>([
  ["pushed to", 6, (at) => at.push("agent/web/issue-100007-s1")],
  [
    "commented on by a stranger",
    3,
    (at, number) => at.as("zoe")("POST", `/issues/${number}/comments`, { body: "Why?" }),
  ],
  ["labelled", 3, (at, number) => at.api("POST", `/issues/${number}/labels`, { labels: ["agent-hold"] })],
  [
    "reviewed by somebody new",
    4,
    (at, number) => at.api("POST", `/pulls/${number}/reviews`, { event: "REQUEST_CHANGES", body: "No." }),
  ],
])("one of 20 pull requests, %s, costs %i metered requests in the tick that sees it", async (_, metered, act) => {
  const at = await paused();
  const numbers = await at.openPulls(20);
  await at.settle();
  await act(at, numbers[6] ?? 0);

  const seen = await at.tick();

  expect(seen.metered).toBe(metered);
  expect(await at.settle()).toBeLessThanOrEqual(2);
});

it("an issue read in the second of its change is read again for nothing, and an edit of that second is seen", async () => {
  const at = await paused();
  await at.fileIssues(1);
  expect((await at.tick(0)).meteredBy.graphql).toBe(1);
  expect(at.project.known.issues.get("issue:1")?.isSettled).toBe(false);
  expect(await at.tick(500)).toMatchObject({ metered: 0, byRoute: { [timeline]: 1 } });

  await at.api("PATCH", "/issues/1", { body: "Edited in that very second." });
  expect((await at.tick(0)).meteredBy.graphql).toBe(1);
  expect(at.project.known.issues.get("issue:1")?.reading.edit).toMatchObject({ editor: "ann" });
  expect(await at.tick()).toMatchObject({ metered: 0, byRoute: { [timeline]: 1 } });
  expect(await at.tick()).toMatchObject(nothing);
});

it("500 issues at first sight are read tick by tick, what would start next first; then one change costs little", async () => {
  const at = await repositoryOnForge("limits: { max_concurrent_workers: 3, max_launches_per_heartbeat: 3 }\n");
  await at.fileIssues(499, { labels: ["agent-ready", "agent-priority-low"] });
  await at.fileIssues(1, { labels: ["agent-ready", "agent-priority-high"] });
  const first = await at.tick();
  // The list twice, because it is new and of several pages; 60 for readings; the base, who we are, and who ann is.
  expect(first.requests).toBeLessThanOrEqual(10 + 60 + 4);
  expect(first.report.launched).toBe(3);
  expect((await at.store.decisions.list("web")).find(({ subject }) => subject === "issue:500")?.verdict).toBe("launch");
  await at.store.pauses.set({ scope: "web", actor: "ann", reason: "only looking" });
  expect(1 + (await at.settle())).toBeLessThanOrEqual(18);
  expect(await at.tick()).toMatchObject(nothing);

  // Its page, its timeline, who edited it last.
  await at.api("POST", "/issues/500/comments", { body: "News." });
  expect(await at.tick()).toMatchObject({
    metered: 3,
    meteredBy: { core: 2, graphql: 1 },
    routes: { [issues]: { metered: 1 } },
  });
  await at.settle();
  // The list begins with what changed last: the one that lay still for longest pushes all others on.
  const list = "/issues?state=open&labels=agent-ready&sort=updated&direction=desc&per_page=100&page=5";
  const oldest = (await at.api<{ number: number }[]>("GET", list)).at(-1)?.number;
  await at.api("POST", `/issues/${oldest}/comments`, { body: "News." });
  expect(await at.tick()).toMatchObject({
    metered: 7,
    meteredBy: { core: 6, graphql: 1 },
    routes: { [issues]: { metered: 5 } },
  });
  expect(await at.tick()).toMatchObject(nothing);
}, 120_000);

const checksIn = (byRoute: Readonly<Record<string, number>>): number =>
  (byRoute[checkRuns] ?? 0) + (byRoute[statuses] ?? 0);

async function twoTicks(
  at: RepositoryOnForge,
): Promise<Pick<Cost, "requests" | "metered" | "notModified" | "byRoute">> {
  const { sequence } = at.forge.counters();
  await at.tick();
  await at.tick();
  return at.forge.counters({ since: sequence });
}
