import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { FlowStatus } from "@agent-control-plane/core/flows-api";
import { expect, it, vi } from "vitest";
import { undocumented, unseen } from "../../../../test/docs/json-page.ts";
import { flowHome } from "./flow-home.ts";

const shell = (id: string, command: string, more: object = {}) => ({ id, command, worker: "shell", ...more });
const patient = { timeout: 30_000, interval: 50 };
const page = readFileSync(join(import.meta.dirname, "../../../../docs/json-output.md"), "utf8");

async function aFlow(tasks: readonly object[], more: object = {}) {
  const home = flowHome();
  const flow = await home.submit({ tasks, ...more });
  const status = () => home.json<FlowStatus>("flow", "status", flow);
  const states = async () => (await status()).tasks.map(({ id, state }) => `${id}:${state}`).join(" ");
  return { ...home, flow, status, states };
}

it("pause and resume; what is as it was asked for already is refused with 1", async () => {
  const { acp, flow, json } = await aFlow([shell("a", "true")]);
  const paused = await json<{ flow: { state: string } }>("flow", "pause", flow);
  expect(paused.flow.state).toBe("paused");
  expect(undocumented(page, "acp flow cancel", paused)).toEqual([]);
  expect(unseen(page, "acp flow cancel", paused)).toEqual([]);
  expect(await acp(["flow", "pause", flow])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("paused already"),
  });
  expect(await acp(["flow", "resume", flow, "--no-start"])).toMatchObject({
    code: 0,
    stdout: `${flow} running: it goes on\n`,
  });
  expect((await acp(["flow", "resume", flow])).code).toBe(1);
});

it("add takes one task, several, YAML and JSON; a fault in one adds none, and is said with its line", async () => {
  const { acp, flow, states } = await aFlow([shell("a", "true")]);
  const add = (text: string) => acp(["flow", "add", flow, "-", "--no-start"], text);
  expect((await add('{"id": "b", "worker": "shell", "command": "true", "depends_on": ["a"]}')).code).toBe(0);
  expect(
    (await add("- { id: c, worker: shell, command: x, depends_on: [d] }\n- { id: d, worker: shell, command: y }\n"))
      .code,
  ).toBe(0);
  expect(await states()).toBe("a:queued b:waiting c:waiting d:queued");
  const bad = await add("- { id: e, worker: shell, command: x }\n- { id: f, worker: shell, comand: y }\n");
  expect(bad).toMatchObject({ code: 2, stderr: expect.stringContaining("tasks:2:") });
  expect(await add("- { id: a, worker: shell, command: x }")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("in the flow already"),
  });
  expect(await add("- { id: g, worker: shell, command: x, depends_on: [none] }")).toMatchObject({ code: 1 });
  expect((await acp(["flow", "add", flow, "none.yaml"])).code).toBe(66);
  expect(await states()).toBe("a:queued b:waiting c:waiting d:queued");
});

it("update changes what has not begun, and says what cannot be changed", async () => {
  const { acp, flow, status } = await aFlow([shell("a", "true")]);
  expect(await acp(["flow", "update", flow, "a", "-"], "timeout: 20m\nretry: 3\n")).toMatchObject({ code: 0 });
  expect((await status()).tasks[0]?.spec).toMatchObject({ timeoutMs: 1_200_000, retry: { count: 3 } });
  expect((await acp(["flow", "update", flow, "a", "-"], "id: b\n")).code).toBe(2);
  expect((await acp(["flow", "update", flow, "a", "-"], "[")).code).toBe(2);
  expect((await acp(["flow", "update", flow, "x", "-"], "timeout: 1m\n")).code).toBe(66);
});

it("cancel --dry-run changes nothing; cancel ends one task with what needs it, or the flow", async () => {
  const { acp, json, flow, states } = await aFlow([
    shell("a", "true"),
    shell("b", "true", { depends_on: ["a"] }),
    shell("c", "true"),
  ]);
  const dry = await json("flow", "cancel", flow, "--dry-run");
  expect(dry).toEqual({ flow, dryRun: true, running: [], waiting: ["a", "b", "c"] });
  expect(undocumented(page, "acp flow cancel --dry-run", dry)).toEqual([]);
  expect((await acp(["flow", "cancel", flow, "a", "--dry-run"])).stdout).toContain("1 task would never begin: a");
  expect(await states()).toBe("a:queued b:waiting c:queued");
  expect((await acp(["flow", "cancel", flow, "x"])).code).toBe(66);
  expect((await acp(["flow", "cancel", flow, "a"])).code).toBe(0);
  expect(await states()).toBe("a:cancelled b:skipped c:queued");
  expect((await acp(["flow", "cancel", flow, "a"])).code).toBe(1);
  expect((await acp(["flow", "cancel", flow])).stdout).toBe(`${flow} cancelled: it ends\n`);
  expect(await acp(["flow", "cancel", flow])).toMatchObject({ code: 1, stderr: expect.stringContaining("is over") });
  expect((await acp(["flow", "cancel", flow, "--dry-run"])).code).toBe(1);
});

it("decide unblocks its task alone; odd and late answers are refused, and what is not there is 66 with what is open", async () => {
  const { acp, status, states, work } = await aFlow([
    shell("a", "exit 1", { on_fail: "ask" }),
    shell("b", "exit 1", { on_fail: "ask" }),
  ]);
  await work();
  await vi.waitUntil(async () => (await status()).counts.asking === 2, patient);
  const [first] = (await status()).decisions.filter(({ taskId }) => taskId === "a");
  const ref = first?.ref ?? "";
  expect(await acp(["flow", "decide", "d0", "--answer", "skip"])).toMatchObject({
    code: 66,
    stderr: expect.stringContaining(ref),
  });
  expect(await acp(["flow", "decide", ref, "--answer", "perhaps"])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("one of retry, continue, skip, fail"),
  });
  expect(await acp(["flow", "decide", ref, "--answer", "continue"])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(`${ref}: continue`),
  });
  expect(await states()).toBe("a:failed b:asking");
  expect(await acp(["flow", "decide", ref, "--answer", "retry"])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("answered already: continue, by ann"),
  });
  expect((await acp(["flow", "decide", ref])).code).toBe(64);
});

it("retry goes on from the flow's end", async () => {
  const { acp, flow, states, work } = await aFlow([
    shell("a", "[ -e ok ] || exit 1", {}),
    shell("b", "true", { depends_on: ["a"] }),
  ]);
  await work();
  expect((await acp(["flow", "wait", flow])).code).toBe(1);
  expect(await states()).toBe("a:failed b:skipped");
  expect((await acp(["flow", "retry", flow, "x"])).code).toBe(66);
  await acp(["flow", "run", "-", "--wait"], "tasks: [{ id: mend, worker: shell, command: touch ok }]\n");
  expect(await acp(["flow", "retry", flow, "a"])).toMatchObject({
    code: 0,
    stdout: `${flow} running: a is done again\n`,
  });
  expect((await acp(["flow", "wait", flow])).code).toBe(0);
  expect(await acp(["flow", "retry", flow, "a"])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("succeeded"),
  });
});
