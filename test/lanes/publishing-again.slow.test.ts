// A forge that does not take finished work for a while: the host sends it again, and the agent ran once.
import { afterEach, expect, it } from "vitest";
import { killHard, startDaemon } from "../crash/support/daemon.ts";
import { type CrashProject, makeCrashProject } from "../crash/support/project.ts";
import { until } from "../support/product.ts";

let project: CrashProject | undefined;
afterEach(async () => project?.product.close());

it("sends what was verified until the forge takes it, over outages, refusals and a restart, without another session", async () => {
  project = await makeCrashProject({ issues: 1, work: "sleep 0.1" });
  const { product, store } = project;
  const forge = product.forge();
  // An outage first: nobody is asked about it. Then a definite no, which only a person can have tried again.
  await forge.addFault({ method: "POST", path: /git-receive-pack$/ }, { status: 503 });
  await forge.addFault({ method: "POST", path: /\/pulls$/ }, { status: 403, body: { message: "not allowed here" } });
  const daemon = await startDaemon(product);
  const refused = await until("a refused pull request", async () => {
    return (await store.outbox.list({ states: ["failed"] })).find(({ kind }) => kind === "open-pull-request");
  });
  await until("the question to people", async () => {
    const rows = await store.outbox.list({ states: ["sent"] });
    return rows.some(({ idempotencyKey }) => idempotencyKey.endsWith("/asked"));
  });
  expect((await store.outbox.list({})).find(({ kind }) => kind === "push-branch")).toMatchObject({
    state: "sent",
    tries: 2,
  });
  const why = await product.json<{ reason: string; detail: string }>("why", "1", "--profile-id", "web");
  expect(why).toMatchObject({ reason: "publish-failed" });
  expect(why.detail).toContain("not allowed here");

  // What is kept outlives the process that made it.
  expect(await killHard(daemon)).toBe(true);
  await startDaemon(product);
  expect((await product.acp("outbox", "retry", String(refused.id))).code).toBe(0);
  await until("the pull request", async () => {
    const left = await store.outbox.list({ states: ["pending", "failed"] });
    return left.length === 0 && (await project?.forge.pulls())?.length === 1;
  });
  const sessions = await store.sessions.list({});
  expect(sessions.map(({ kind }) => kind).sort()).toEqual(["agent", "verify"]);
  expect(project.worked()).toEqual([1]);
  const comments = await project.forge.comments(1);
  expect(comments.filter(({ body }) => body.startsWith("# Blocker: host-publish-failed"))).toHaveLength(1);
  expect(comments.filter(({ body }) => body.startsWith("Opened PR"))).toHaveLength(1);
  expect(await project.forge.labels(1)).not.toContain("agent-blocked");
}, 150_000);
