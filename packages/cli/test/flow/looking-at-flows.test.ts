import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openStore, storePath } from "@agent-control-plane/core";
import type { FlowStatus } from "@agent-control-plane/core/flows-api";
import { expect, it, vi } from "vitest";
import { undocumented, unseen } from "../../../../test/docs/json-page.ts";
import { flowHome } from "./flow-home.ts";

const shell = (id: string, command: string, more: object = {}) => ({ id, command, worker: "shell", ...more });
const patient = { timeout: 30_000, interval: 50 };
const page = readFileSync(join(import.meta.dirname, "../../../../docs/json-output.md"), "utf8");

it("nothing set up: list is empty, and what names a flow ends with 66 and says what there is", async () => {
  const { acp } = flowHome();
  expect(await acp(["flow", "list"])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("no flow is under way"),
  });
  for (const line of [
    "status f1",
    "wait f1",
    "watch f1",
    "logs f1 a",
    "result f1",
    "export f1",
    "pause f1",
    "cancel f1",
  ]) {
    const { code, stderr } = await acp(["flow", ...line.split(" ")]);
    expect([line, code, stderr]).toEqual([line, 66, expect.stringContaining("There is no flow f1. There are none.")]);
  }
  expect(await acp(["flow", "decide", "d1", "--answer", "retry"])).toMatchObject({ code: 66 });
});

it("a unique beginning of an id is enough; one that fits several is not, and tells which", async () => {
  const { acp, submit, json } = flowHome();
  const first = await submit({ name: "one", tasks: [shell("a", "true")] });
  expect((await acp(["flow", "status", first.slice(0, 4)])).stdout).toContain(first);
  const second = await submit({ name: "two", tasks: [shell("a", "true")] });
  const ambiguous = await acp(["flow", "status", "f"]);
  expect(ambiguous).toMatchObject({ code: 66, stderr: expect.stringContaining(`${second} (two, running)`) });
  expect(ambiguous.stderr).toContain(first);
  const unknown = await acp(["flow", "status", "g"]);
  expect(unknown).toMatchObject({ code: 66, stderr: expect.stringContaining("There are:") });
  expect(await acp(["flow", "logs", first, "b"])).toMatchObject({
    code: 66,
    stderr: expect.stringContaining("Did you mean a?"),
  });
  expect(await json<{ flows: unknown[] }>("flow", "list")).toMatchObject({ flows: [{ name: "one" }, { name: "two" }] });
});

it("status draws the graph once each, and says of what does not run why", async () => {
  const home = flowHome();
  const flow = await home.submit({
    name: "release",
    parallelism: 3,
    tasks: [
      shell("build", "true"),
      shell("left", "true", { depends_on: ["build"] }),
      shell("right", "true", { depends_on: ["build"] }),
      shell("end", "true", { depends_on: ["left", "right"] }),
    ],
  });
  const { stdout } = await home.acp(["flow", "status", flow]);
  const rows = stdout.split("\n").filter((line) => /waiting|queued/.test(line) && !line.includes("tasks are over"));
  expect(
    rows.map((row) =>
      row
        .replace(/ +\d+ s /, "  -  ")
        .replace(/ {2,}/g, "  ")
        .trimEnd(),
    ),
  ).toEqual([
    "  build  queued  -  no runtime works flows on this host",
    "  ├─ left  waiting  -  waits for build",
    "  │  └─ end  waiting  -  waits for left, right",
    "  └─ right  waiting  -  waits for build",
  ]);
  expect(stdout).toContain("0 of 4 tasks are over: 1 queued, 3 waiting");
  await home.acp(["flow", "pause", flow]);
  expect((await home.acp(["flow", "status", flow])).stdout).toMatch(/build .*the flow is paused/);
});

it("status says backoff, question, judge, group and the runtime's refusal", async () => {
  const home = flowHome();
  const flow = await home.submit({
    concurrency: { db: 1 },
    tasks: [
      shell("again", "exit 1", { retry: { count: 1, backoff: "1h", max: "1h" } }),
      shell("ask", "exit 1", { on_fail: "ask", ask: { expires: "1h", answer: "skip" } }),
      shell("held", "sleep 600", { group: "db" }),
      shell("next", "true", { group: "db", priority: -1 }),
      shell("odd", "true", { priority: -2 }),
    ],
  });
  const { leave } = await home.work();
  const status = () => home.json<FlowStatus>("flow", "status", flow);
  const holdOf = ({ tasks }: FlowStatus, id: string) => tasks.find((task) => task.id === id)?.hold;
  let seen = await status();
  await vi.waitUntil(async () => {
    seen = await status();
    const { asking, running, succeeded } = seen.counts;
    return asking === 1 && running === 1 && succeeded === 1 && holdOf(seen, "again")?.code === "backoff";
  }, patient);
  expect(holdOf(seen, "again")).toMatchObject({ code: "backoff", until: expect.any(Number) });
  expect(holdOf(seen, "next")).toMatchObject({ code: "group-full", text: "no place in group db: 1 of 1 are taken" });
  const { ref } = seen.decisions[0] ?? { ref: "" };
  expect(holdOf(seen, "ask")).toMatchObject({ code: "asked", ref, command: `acp flow decide ${ref} --answer retry` });
  expect(holdOf(seen, "held")).toBeNull();
  expect(seen.tasks[0]).toMatchObject({ tries: { number: 1, most: 2 }, since: expect.any(Number) });
  const text = (await home.acp(["flow", "status", flow])).stdout;
  expect(text).toContain(`acp flow decide ${ref} --answer skip`);
  expect(text).toMatch(/again +queued +attempt 1 of 2 .*tried again at .*; exit-code/);
  expect(undocumented(page, "acp flow status", seen)).toEqual([]);
  expect(unseen(page, "acp flow status", seen)).toEqual([]);
  expect(await home.acp(["flow", "cancel", flow])).toMatchObject({ code: 0 });
  await home.acp(["flow", "wait", flow]);
  await leave();
});

it("status of a large flow folds what is of no interest, and --full draws all", async () => {
  const home = flowHome();
  const tasks = Array.from({ length: 300 }, (_, index) =>
    shell(`t${index}`, "true", index === 0 ? {} : { depends_on: ["t0"] }),
  );
  const flow = await home.submit({ tasks });
  const { stdout } = await home.acp(["flow", "status", flow]);
  expect(stdout.split("\n").length).toBeLessThan(80);
  expect(stdout).toMatch(/\.\.\. \d+ waiting/);
  expect(stdout).toContain(`"acp flow status ${flow} --full" draws all 300 tasks`);
  const full = (await home.acp(["flow", "status", flow, "--full"])).stdout;
  expect(full.match(/^ +[├└]─ t\d+ /gm)).toHaveLength(299);
});

it("wait, watch, logs, result and export tell how a flow went; an end that is not well is exit code 1", async () => {
  const home = flowHome();
  const flow = await home.submit({
    tasks: [
      shell("make", 'echo built; echo odd >&2; echo data > out; echo \'{"n":1}\' > "$ACP_RESULT_FILE"', {
        outputs: { data: "out" },
      }),
      shell("fail", 'echo "try $ACP_ATTEMPT"; exit 3', { retry: { count: 1, backoff: 0 }, depends_on: ["make"] }),
    ],
  });
  await home.work();
  expect(await home.acp(["flow", "wait", flow])).toMatchObject({ code: 1, stdout: `${flow} failed (task-failed)\n` });
  const waited = await home.json("flow", "wait", flow);
  expect(waited).toMatchObject({ flow: { state: "failed", reason: "task-failed" } });

  const watched = await home.acp(["flow", "watch", flow]);
  expect(watched.code).toBe(1);
  const lines = watched.stdout.trimEnd().split("\n");
  expect(lines.map((line) => line.split(/ {2,}/).slice(1, 3).join(" "))).toEqual(
    expect.arrayContaining(["TASK_STARTED make", "TASK_DONE make", "TASK_FAILED fail"]),
  );
  expect(lines.at(-1)).toMatch(/ALL_DONE {7} {2}failed \(task-failed\), /);
  const documents = (await home.acp(["flow", "watch", flow, "--json"])).stdout.trimEnd().split("\n");
  expect(documents.map((line) => JSON.parse(line).seq)).toEqual(documents.map((_, index) => index + 1));

  expect((await home.acp(["flow", "logs", flow, "make"])).stdout).toBe("built\nodd\n");
  expect((await home.acp(["flow", "logs", flow, "fail"])).stdout).toBe("try 2\n");
  expect((await home.acp(["flow", "logs", flow, "fail", "--attempt", "1", "--follow"])).stdout).toBe("try 1\n");
  expect((await home.acp(["flow", "logs", flow, "fail", "--follow"])).stdout).toBe("try 2\n");
  expect(await home.acp(["flow", "logs", flow, "fail", "--attempt", "3"])).toMatchObject({
    ...{ code: 66, stderr: expect.stringContaining("It had 2.") },
  });
  expect(await home.acp(["flow", "logs", flow, "fail", "--attempt", "x"])).toMatchObject({ code: 64 });
  const logs = await home.json("flow", "logs", flow, "make");
  expect(logs).toMatchObject({ flow, task: "make", attempt: 1, files: [{ name: "stdout.log", text: "built\n" }, {}] });

  const result = await home.json<{ tasks: { outputs: { data?: string } }[] }>("flow", "result", flow);
  expect(result).toMatchObject({
    flow,
    state: "failed",
    tasks: [{ id: "make", result: { n: 1 } }, { state: "failed" }],
  });
  expect(readFileSync(result.tasks[0]?.outputs.data ?? "", "utf8")).toBe("data\n");
  expect(await home.json("flow", "result", flow, "fail")).toMatchObject({
    tasks: [{ id: "fail", reason: "exit-code" }],
  });
  const exported = await home.json<{ attempts: unknown[] }>("flow", "export", flow);
  expect(exported).toMatchObject({ flow: { id: flow }, tasks: [{ id: "make" }, { id: "fail" }] });
  expect(exported.attempts).toHaveLength(3);

  const documented: readonly (readonly [string, unknown])[] = [
    ["acp flow list", await home.json("flow", "list", "--all")],
    ["acp flow wait", waited],
    ["acp flow watch", JSON.parse(documents[0] ?? "")],
    ["acp flow logs", logs],
    ["acp flow result", result],
    ["acp flow export", exported],
    ["acp flow status", await home.json("flow", "status", flow)],
  ];
  const wrong = documented.flatMap(([heading, document]) => [
    ...undocumented(page, heading, document).map((field) => `${heading} + ${field}`),
    ...unseen(page, heading, document).map((field) => `${heading} - ${field}`),
  ]);
  expect(wrong).toEqual([]);
});

it("wait --timeout leaves a flow to go on, and odd numbers are wrong usage", async () => {
  const home = flowHome();
  const flow = await home.submit({ tasks: [shell("a", "true")] });
  expect(await home.acp(["flow", "wait", flow, "--timeout", "0.2"])).toMatchObject({
    ...{ code: 1, stderr: expect.stringContaining("still running after 0.2 s. It goes on.") },
  });
  for (const odd of ["x", "-1", "", "1e9", "NaN"]) {
    expect((await home.acp(["flow", "wait", flow, `--timeout=${odd}`])).code, odd).toBe(64);
    expect((await home.acp(["flow", "work", `--until-idle=${odd}`])).code, odd).toBe(64);
  }
});

it("Ctrl-C ends wait and watch with 130, and the flow goes on", async () => {
  const home = flowHome();
  const flow = await home.submit({ tasks: [shell("a", "true")] });
  for (const command of ["wait", "watch"]) {
    const before = process.listenerCount("SIGHUP");
    const ended = home.acp(["flow", command, flow]);
    await vi.waitUntil(() => process.listenerCount("SIGHUP") > before, patient);
    process.emit("SIGHUP");
    expect(await ended).toMatchObject({ code: 130, stderr: expect.stringContaining(`flow ${flow} goes on`) });
    expect(process.listenerCount("SIGHUP")).toBe(before);
  }
  const store = await openStore({ path: storePath(home.home) });
  expect(await store.flows.get(flow)).toMatchObject({ state: "running" });
  await store.close();
});

it("run reads standard input, checks without storing, and says every problem with its line", async () => {
  const home = flowHome();
  const plan = "name: x\ndeadline: 2999-01-01T00:00:00Z\ntasks:\n  - id: a\n    worker: shell\n    command: 'true'\n";
  expect(await home.acp(["flow", "run", "-", "--dry-run"], plan)).toMatchObject({
    code: 0,
    stdout: 'the plan "x" is well: 1 task\n',
  });
  expect((await home.acp(["flow", "list", "--all"])).stdout).toBe("no flows\n");
  writeFileSync(
    join(home.folder, "bad.yaml"),
    "tasks:\n  - id: a\n    comand: x\n  - id: a\n    command: y\n    worker: shell\n",
  );
  const bad = await home.acp(["flow", "run", "bad.yaml"]);
  expect(bad).toMatchObject({ code: 2, stderr: expect.stringContaining("bad.yaml:3:5: tasks[0].comand: Unknown key") });
  expect((await home.acp(["flow", "run", "none.yaml"])).code).toBe(66);
  await home.work();
  expect(await home.acp(["flow", "run", "-", "--wait"], plan.replace("2999", "2001"))).toMatchObject({ code: 2 });
  const ran = await home.acp(["flow", "run", "-", "--wait"], plan.replace(/deadline.*\n/, ""));
  expect(ran).toMatchObject({ code: 0, stdout: expect.stringMatching(/^f\w+ succeeded\n$/) });
  expect((await home.acp(["flow", "run", "-", "--watch"], plan.replace(/deadline.*\n/, ""))).stdout).toContain(
    "ALL_DONE",
  );
});
