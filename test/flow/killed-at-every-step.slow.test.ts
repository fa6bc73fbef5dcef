// Acceptance: a runtime is killed before and after each of its commits; the next one comes to the same end.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openStore, parsePlan } from "@agent-control-plane/core";
import { bundleFixture, startChild, storeProblems, temporaryFolder } from "@agent-control-plane/testkit";
import { expect, it, vi } from "vitest";

vi.setConfig({ testTimeout: 900_000 });

const atOnce = 3;
/** Every so many commits; 1: all of them. */
const step = Number(process.env.ACP_FLOW_STEP ?? "2");

const journal = (home: string) => `echo "$ACP_TASK_ID $ACP_ATTEMPT" >> ${home}/journal`;
const once = (home: string) => `[ -e ${home}/$ACP_TASK_ID ] || { : > ${home}/$ACP_TASK_ID; exit 1; }`;

async function aFlow() {
  const home = temporaryFolder();
  const path = join(home, "store.db");
  const folder = join(home, "f1");
  mkdirSync(folder);
  const verdict = `if grep -q good "$ACP_JUDGED_DIR/stdout.log"; then v=pass; else v=retry; fi; printf '{"verdict":"%s"}' $v > "$ACP_RESULT_FILE"`;
  const tasks = [
    { id: "flaky", command: `${journal(home)}; ${once(home)}`, retry: { count: 1, backoff: "10ms" } },
    {
      ...{ id: "judged", command: `${journal(home)}; [ $ACP_ROUND = 0 ] && echo bad || echo good` },
      judge: { command: `${journal(home)}; ${verdict}`, rounds: 1 },
    },
    { id: "asks", command: `${journal(home)}; ${once(home)}`, on_fail: "ask" },
    { id: "last", command: journal(home), depends_on: ["flaky", "judged", "asks"] },
  ];
  const text = JSON.stringify({
    defaults: { worker: "shell" },
    tasks,
    parallelism: 3,
    on_done: { command: `echo told >> ${home}/told` },
  });
  const parsed = await parsePlan(text, { file: "plan.json", cwd: home });
  if ("problems" in parsed) throw new Error(JSON.stringify(parsed.problems));
  const more = { id: "more", command: journal(home), depends_on: ["asks"] };
  const commands = [
    { type: "ADD_TASK", id: "c1", task: more },
    { type: "ADD_TASK", id: "c1", task: more },
    { type: "PAUSE" },
    { type: "UPDATE_TASK", task: "last", change: { priority: 3 } },
    { type: "RESUME" },
  ];
  writeFileSync(
    join(folder, "inbox.jsonl"),
    `${commands.map((each) => JSON.stringify(each)).join("\n")}\nno command\n`,
  );
  const store = await openStore({ path });
  await store.flows.submit(parsed.plan, { id: "f1", folder, submittedBy: "test" });
  await store.close();
  return { home, path, folder };
}

type Made = Awaited<ReturnType<typeof aFlow>>;

async function expectSameEnd({ home, path, folder }: Made, point: string): Promise<void> {
  const store = await openStore({ path });
  try {
    const states = Object.fromEntries((await store.flows.tasks("f1")).map(({ id, state }) => [id, state]));
    const all = { flaky: "succeeded", judged: "succeeded", "judged.judge": "succeeded", asks: "succeeded" };
    expect({ point, states }).toEqual({ point, states: { ...all, last: "succeeded", more: "succeeded" } });
    expect({ point, lost: (await store.flows.tasks("f1")).map(({ lost }) => lost) }).toMatchObject({
      lost: [0, 0, 0, 0, 0, 0],
    });
    expect({ point, problems: await storeProblems(store) }).toEqual({ point, problems: [] });
    expect((await store.flows.get("f1"))?.callback).toMatchObject({ state: "told", answer: "exit 0" });
  } finally {
    await store.close();
  }
  const lines = readFileSync(join(folder, "outbox.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect({ point, seqs: lines.map(({ seq }) => seq) }).toEqual({ point, seqs: lines.map((_, index) => index + 1) });
  const ends = lines.filter(({ type }) => /^(TASK_(DONE|FAILED)|ALL_DONE)$/.test(type));
  expect({ point, ends: ends.map(({ type, task }) => `${type} ${task ?? ""}`).sort() }).toEqual({
    point,
    ends: ["ALL_DONE ", ...["asks", "flaky", "judged", "judged.judge", "last", "more"].map((id) => `TASK_DONE ${id}`)],
  });
  const codes = lines.filter(({ type }) => type === "ERROR").map(({ code }) => code);
  expect({ point, codes }).toEqual({ point, codes: ["repeat", "malformed"] });
  // Each attempt was done once; and no work was done more often than the plan and its answers say.
  const done = readFileSync(join(home, "journal"), "utf8").trim().split("\n");
  expect({ point, done: new Set(done).size }).toEqual({ point, done: done.length });
  const times = (id: string) => done.filter((line) => line.startsWith(`${id} `)).length;
  expect({ point, times: ["flaky", "judged", "judged.judge", "asks", "last", "more"].map(times) }).toEqual({
    point,
    times: [2, 2, 2, 2, 1, 1],
  });
  // Between telling and noting it nothing can know: then it is told again, with the same number.
  const told = readFileSync(join(home, "told"), "utf8");
  expect({ point, told }).toEqual({ point, told: expect.stringMatching(/^(?:told\n){1,2}$/) });
}

it("killed before and after each commit, a flow comes to the same end, and everything was done and told once", async () => {
  const runtime = await bundleFixture(new URL("support/dying-runtime.ts", import.meta.url));
  const undisturbed = await aFlow();
  const { commits } = (await startChild(runtime, [undisturbed.path]).line()) as { readonly commits: number };
  await expectSameEnd(undisturbed, "never");
  const points: string[] = [];
  for (let number = 1; number <= commits; number += step)
    points.push(`before ${number}`, `after ${Math.min(commits, number + (step > 1 ? 1 : 0))}`);
  const total = points.length;
  let killed = 0;
  const work = async () => {
    for (let point = points.shift(); point !== undefined; point = points.shift()) {
      const made = await aFlow();
      const ended = await startChild(runtime, [made.path, ...point.split(" ")]).ended;
      if (ended.signal === "SIGKILL") killed += 1;
      await startChild(runtime, [made.path]).line();
      await expectSameEnd(made, point);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  // A run that happens to need fewer commits ends before its last points.
  expect(killed).toBeGreaterThan(total * 0.8);
  process.stderr.write(`killed at ${killed} of ${total} points, ${commits} commits\n`);
});
