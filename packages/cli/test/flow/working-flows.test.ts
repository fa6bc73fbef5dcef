// The runtime that `flow run` starts, as a process of its own.
import { existsSync, mkdirSync, readdirSync, rmSync, utimesSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { openStore, storePath } from "@agent-control-plane/core";
import { expect, it } from "vitest";
import { buildAcp } from "../support/acp.ts";
import { flowHome } from "./flow-home.ts";

it("ends by itself when nothing is under way, and tidies up before: old folders, and rows of runtimes that are gone", async () => {
  const home = flowHome();
  const acp = await buildAcp();
  const flow = await home.submit({ tasks: [{ id: "a", worker: "shell", command: "true" }] });
  const left = join(home.home, "flows", "f0000000");
  mkdirSync(left);
  utimesSync(left, new Date(0), new Date(0));
  const store = await openStore({ path: storePath(home.home) });
  const gone = { id: "r-gone", process: { pid: 4_000_000, startedMark: "x" }, host: hostname(), version: "0" };
  await store.runtimes.put({ ...gone, profileIds: [], startedAt: 0, heartbeatAt: 0, state: "ready", lastTick: {} });
  const ended = await acp.run(["flow", "work", "--until-idle", "0.5"], { env: home.env, cwd: home.folder });
  expect(ended).toMatchObject({ code: 0, stderr: "" });
  expect(await store.flows.get(flow)).toMatchObject({ state: "succeeded" });
  expect(await store.runtimes.list()).toEqual([]);
  expect(readdirSync(join(home.home, "flows"))).toEqual([flow]);
  expect(existsSync(join(home.home, "flows", flow, "outbox.jsonl"))).toBe(true);
  await store.close();
});

it("runtime status shows flows under way, and runtime stop --all ends who works them; the flow stays", async () => {
  const home = flowHome();
  const acp = await buildAcp();
  const run = (...args: readonly string[]) => acp.run(args, { env: home.env, cwd: home.folder });
  const plan = JSON.stringify({
    name: "long",
    tasks: [{ id: "a", worker: "shell", command: "[ -e go ] || sleep 600" }],
  });
  const { stdout } = await acp.run(["flow", "run", "-"], { env: home.env, cwd: home.folder, input: plan });
  const flow = stdout.trim();
  const status = async () => JSON.parse((await run("runtime", "status", "--json")).stdout).flows[0];
  await expect.poll(status, { timeout: 30_000 }).toMatchObject({ id: flow, name: "long", tasks: 1, running: 1 });
  expect((await run("runtime", "status")).stdout).toContain(`flow ${flow}  long  running, 0/1 tasks over, 1 running`);
  expect(await run("runtime", "stop", "--all")).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^stopped, pid \d+/),
  });
  expect(await run("flow", "status", flow)).toMatchObject({
    stdout: expect.stringContaining("no runtime works flows"),
  });
  expect((await run("flow", "cancel", flow)).code).toBe(0);
});

it("a runtime whose home was removed ends", async () => {
  const home = flowHome();
  const acp = await buildAcp();
  const flow = await home.submit({ tasks: [{ id: "a", worker: "shell", command: "sleep 600" }] });
  const working = acp.run(["flow", "work"], { env: home.env, cwd: home.folder });
  const state = async () => (await home.json<{ tasks: { state: string }[] }>("flow", "status", flow)).tasks[0]?.state;
  await expect.poll(state, { timeout: 30_000 }).toBe("running");
  // The runtime writes on while it goes.
  rmSync(home.home, { recursive: true, maxRetries: 50, retryDelay: 20 });
  await working;
});
