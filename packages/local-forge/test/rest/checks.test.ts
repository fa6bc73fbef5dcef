import { join } from "node:path";
import { expect, test } from "vitest";
import { connectForgeAdmin } from "../../src/index.ts";
import { cloneScene, type Scene, startScene } from "../support/forge.ts";

async function sceneWithCommit() {
  const scene = await startScene();
  const clone = await cloneScene(scene);
  const sha = await clone.push("work", { "a.txt": "a\n" });
  return { scene, sha };
}

async function shownChecks(scene: Scene, sha: string, query = "") {
  const { check_runs: runs } = (await scene.ask("GET", `commits/${sha}/check-runs${query}`)).body;
  return (runs as { name: string; status: string; conclusion: string | null }[])
    .map(({ name, status, conclusion }) => `${name} ${conclusion ?? status}`)
    .sort();
}

test("checks are set by name, pending, neutral or skipped ones too, and make their run's state", async () => {
  const { scene, sha } = await sceneWithCommit();
  const admin = connectForgeAdmin(join(scene.folder, "forge"));
  if (!admin) throw new Error("the running forge did not say where it answers");
  const set = (checks: Parameters<typeof admin.setChecks>[0]["checks"]) =>
    admin.setChecks({ repository: "maya/demo", ref: "work", checks });
  const first = await set({ build: "in_progress", lint: "neutral", docs: "skipped" });
  expect(await shownChecks(scene, sha)).toEqual(["build in_progress", "docs skipped", "lint neutral"]);
  const run = () => scene.ask("GET", `actions/runs/${first.workflowRunId}`);
  expect((await run()).body).toMatchObject({
    status: "in_progress",
    conclusion: null,
    head_sha: sha,
    head_branch: "work",
  });
  const second = await set({ build: "success" });
  expect(second).toEqual({ workflowRunId: first.workflowRunId, checkRunIds: { build: first.checkRunIds.build } });
  expect((await run()).body).toMatchObject({ status: "completed", conclusion: "success" });
  await expect(set({ build: "fine" as "success" })).rejects.toThrow(/"fine" is not one of queued, in_progress/);
  await expect(admin.setChecks({ repository: "maya/demo", ref: "gone", checks: {} })).rejects.toThrow(
    /no commit "gone"/,
  );
});

test("a check run that was reported can be changed, and has no conclusion while it is not completed", async () => {
  const { scene, sha } = await sceneWithCommit();
  const { ask } = scene;
  const made = await ask("POST", "check-runs", { body: { name: "build", head_sha: sha } });
  expect(made.body).toMatchObject({ status: "queued", conclusion: null, completed_at: null });
  const one = `check-runs/${made.body.id}`;
  const done = await ask("PATCH", one, { body: { conclusion: "failure", output: { title: "t", summary: "s" } } });
  expect(done.body).toMatchObject({ status: "completed", conclusion: "failure", output: { title: "t" } });
  const again = await ask("PATCH", one, { body: { status: "in_progress" } });
  expect(again.body).toMatchObject({
    status: "in_progress",
    conclusion: null,
    completed_at: null,
    output: { title: "t" },
  });
  expect((await ask("PATCH", one, { body: { status: "completed" } })).status).toBe(422);
  expect((await ask("PATCH", one, { body: {}, token: scene.guest })).status).toBe(403);
  expect((await ask("GET", one)).body.check_suite.id).toBe(
    (await ask("GET", `commits/${sha}/check-suites`)).body.check_suites[0].id,
  );
});

test("running failed jobs again queues just those, as new runs of the next attempt", async () => {
  const { scene, sha } = await sceneWithCommit();
  const { ask, forge } = scene;
  const set = { repository: "maya/demo", ref: sha };
  await forge.setChecks({ ...set, workflow: "Release", checks: { publish: "failure" } });
  const { workflowRunId, checkRunIds } = await forge.setChecks({
    ...set,
    checks: { build: "success", test: "failure", deploy: "cancelled" },
  });
  const found = (await ask("GET", `actions/runs?head_sha=${sha}`)).body;
  expect(found).toMatchObject({
    total_count: 2,
    workflow_runs: [{ name: "CI", conclusion: "failure" }, { name: "Release" }],
  });
  expect((await ask("GET", `actions/runs?head_sha=${"0".repeat(40)}`)).body.total_count).toBe(0);
  const rerun = () => ask("POST", `actions/runs/${workflowRunId}/rerun-failed-jobs`);
  expect((await rerun()).status).toBe(201);
  expect(await shownChecks(scene, sha)).toEqual(["build success", "deploy queued", "publish failure", "test queued"]);
  expect(await shownChecks(scene, sha, "?filter=all&check_name=test")).toEqual(["test failure", "test queued"]);
  expect((await ask("GET", `check-runs/${checkRunIds.test}`)).body.conclusion).toBe("failure");
  expect((await ask("GET", `actions/runs/${workflowRunId}`)).body).toMatchObject({
    run_attempt: 2,
    status: "in_progress",
  });
  expect(await rerun()).toMatchObject({ status: 403, body: { message: "This workflow is already running" } });
  await forge.setChecks({ ...set, checks: { test: "success", deploy: "success" } });
  expect(await shownChecks(scene, sha)).toEqual(["build success", "deploy success", "publish failure", "test success"]);
  expect(await rerun()).toMatchObject({ status: 403, body: { message: "This workflow run cannot be retried" } });
});

test("what a job printed lies at a signed address, for which no token is needed or taken", async () => {
  const { scene, sha } = await sceneWithCommit();
  const checks = { build: "failure", lint: "failure" } as const;
  const set = { repository: "maya/demo", ref: sha, checks };
  const { checkRunIds } = await scene.forge.setChecks({ ...set, logs: { build: "error: no\n" } });
  const logOf = (id: number | undefined, token = scene.guest) =>
    fetch(`${scene.forge.apiUrl}/repos/maya/demo/actions/jobs/${id}/logs`, {
      redirect: "manual",
      headers: { authorization: `Bearer ${token}` },
    });
  const answer = await logOf(checkRunIds.build);
  const location = answer.headers.get("location") ?? "";
  expect([answer.status, await answer.text()]).toEqual([302, ""]);
  expect(await (await fetch(location)).text()).toBe("error: no\n");
  expect((await fetch(location, { headers: { authorization: "Bearer x" } })).status).toBe(400);
  expect((await fetch(location.replace(/=.*/, "=guess"))).status).toBe(404);
  expect((await logOf(checkRunIds.lint)).status).toBe(404);
});

test("unchanged checks of a commit are a 304 that costs nothing", async () => {
  const { scene, sha } = await sceneWithCommit();
  await scene.forge.setChecks({ repository: "maya/demo", ref: sha, checks: { build: "in_progress" } });
  const path = `commits/${sha}/check-runs`;
  const etag = (await scene.ask("GET", path)).headers.get("etag") as string;
  const { sequence } = scene.forge.counters();
  const look = () => scene.ask("GET", path, { headers: { "if-none-match": etag } });
  expect((await look()).status).toBe(304);
  expect(scene.forge.counters({ since: sequence }).metered).toBe(0);
  await scene.forge.setChecks({ repository: "maya/demo", ref: sha, checks: { build: "success" } });
  expect((await look()).status).toBe(200);
});
