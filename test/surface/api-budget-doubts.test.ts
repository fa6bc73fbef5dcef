// What may go wrong with single requests, and what an idle tick does beside them: nothing stops, nothing is repeated.

import { planTick } from "@agent-control-plane/core";
import { expect, it } from "vitest";
import { repositoryOnForge } from "../support/repository-on-forge.ts";

const permission = "GET /repos/{owner}/{repo}/collaborators/{username}/permission";
const issue = "GET /repos/{owner}/{repo}/issues/{issue_number}";

async function paused() {
  const at = await repositoryOnForge();
  await at.store.pauses.set({ scope: "web", actor: "ann", reason: "only looking" });
  return at;
}

it("an idle tick reads each part of the store once, whatever it holds, and writes nothing", async () => {
  const at = await paused();
  await at.fileIssues(40);
  await at.openPulls(2);
  await at.settle();
  const { statements, writing, requests } = await at.tick();
  expect(writing).toEqual([]);
  const often = new Map<string, number>();
  for (const sql of statements) often.set(sql, (often.get(sql) ?? 0) + 1);
  const repeated = [...often].filter(([, times]) => times > 1).map(([sql, times]) => [sql.split("\n")[0], times]);
  // Whether a limit is in force is read from the store before each request, and again when its turn comes.
  const ofLimits = repeated.filter(([sql]) => String(sql).includes("cooldowns") || String(sql).includes("scope"));
  expect(repeated.length - ofLimits.length).toBeLessThanOrEqual(2);
  expect(statements.length).toBeLessThanOrEqual(20 + 2 * requests);
});

it("one issue the forge refuses to show is held by itself, is not asked about each tick, and is read once it changes", async () => {
  const at = await paused();
  await at.fileIssues(3);
  at.forge.faults.next({ path: /issues\/2\/timeline/, times: 1000 }, { status: 403 });
  await at.settle();
  const reasons = async () =>
    Object.fromEntries((await at.store.decisions.list("web")).map(({ subject, reason }) => [subject, reason]));
  expect(await reasons()).toEqual({ "issue:1": "paused", "issue:2": "details-unread", "issue:3": "paused" });
  expect(await at.tick()).toMatchObject({ metered: 0, writing: [] });
  at.forge.faults.clear();
  await at.api("POST", "/issues/2/comments", { body: "Try again." });
  await at.settle();
  expect((await reasons())["issue:2"]).toBe("paused");
});

it("a forge that goes away in the middle of a look gives no view at all, and nothing is cancelled", async () => {
  const at = await paused();
  await at.fileIssues(3);
  await at.settle();
  const waiting = await at.store.tasks.list({ queue: "web" });
  expect(waiting).toHaveLength(3);
  at.forge.faults.next({ path: /\/pulls/ }, "drop-before-applying");
  const { report } = await at.tick();
  expect(report).toMatchObject({ forge: "forge-unreachable", cancelled: 0 });
  expect((await at.store.tasks.list({ queue: "web", states: ["queued", "scheduled"] })).length).toBe(3);
});

it("rights are asked for once; again, after ten minutes, only for what starts and for who keeps work out", async () => {
  const at = await paused();
  await at.fileIssues(2);
  await at.as("zoe")("POST", "/issues/1/comments", { body: "Me too." });
  await at.settle();
  at.clock.advance(700_000);
  expect((await at.tick()).byRoute[permission]).toBeUndefined();
  expect((await at.tick()).byRoute[permission]).toBeUndefined();

  await at.store.pauses.clear("web", "ann");
  const starts = await at.tick();
  expect(starts.report.launched).toBeGreaterThan(0);
  // Of ann, who opted them in; zoe, who never had any rights, has none to lose.
  expect(starts.routes[permission]).toEqual({ requests: 1, metered: 0, notModified: 1 });
});

it("who lost their rights starts nothing any more, and who was given some is seen to have them", async () => {
  const at = await paused();
  await at.as("tim")("POST", "/issues", { title: "Work", labels: ["agent-ready"] });
  await at.settle();
  at.forge.setPermission("ann/web", "tim", "read");
  at.clock.advance(700_000);
  await at.store.pauses.clear("web", "ann");
  const lost = await at.tick();
  expect(lost.report).toMatchObject({ launched: 0, holds: { "opt-in-untrusted": 1 } });
  await at.settle();
  at.forge.setPermission("ann/web", "tim", "write");
  at.clock.advance(700_000);
  const first = await at.tick();
  const given = first.report.launched > 0 ? first : await at.tick();
  expect(given.report.launched).toBe(1);
});

it("an issue a person asks about is read though nobody opted it in, and says why it waits", async () => {
  const at = await paused();
  const { number } = await at.api<{ number: number }>("POST", "/issues", { title: "Not ours" });
  await at.settle();
  const { plan } = await planTick(at.restart().project, { draining: false, asked: number });
  expect(plan.decisions).toMatchObject([{ subject: `issue:${number}`, because: "not-opted-in" }]);
  expect(at.forge.counters().byRoute[issue]).toBe(1);
});

it("issues others wait for are looked at a few a tick, then each minute for nothing, and one that is closed lets go", async () => {
  const at = await paused();
  for (let n = 0; n < 12; n += 1) await at.api("POST", "/issues", { title: `Prerequisite ${n}` });
  const list = Array.from({ length: 12 }, (_, n) => `#${n + 1}`).join(", ");
  await at.fileIssues(1, { body: `Depends-on: ${list}` });
  const first = await at.tick();
  expect(first.byRoute[issue]).toBe(5);
  await at.settle();
  for (let ticks = 0; ticks < 6; ticks += 1) {
    const cost = await at.tick();
    expect(cost.byRoute[issue] ?? 0).toBeLessThanOrEqual(5);
    expect(cost.metered).toBe(0);
  }
  for (let n = 1; n <= 12; n += 1)
    await at.api("PATCH", `/issues/${n}`, { state: "closed", state_reason: "completed" });
  for (let ticks = 0; ticks < 8; ticks += 1) await at.tick();
  expect((await at.store.decisions.list("web"))[0]?.reason).toBe("paused");
});
