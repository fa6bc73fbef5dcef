// A pilot of 6 and a stress of 40 tasks, worked by two runtimes of which one is killed again and again, and now and then
// what watches a task with it.
import { type ChildProcess, spawn } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { openStoreToRead, storePath } from "@agent-control-plane/core";
import { seeded } from "@agent-control-plane/testkit/seeded-random";
import { afterEach, expect, it, vi } from "vitest";
import { builtCli, makeProduct, type Product, until } from "../support/product.ts";

const seeds = (process.env.ACP_FLOW_SEEDS ?? "1,2,3,4").split(",").map(Number);
vi.setConfig({ testTimeout: 240_000 });

let product: Product;
const runtimes = new Set<ChildProcess>();
afterEach(async () => {
  for (const runtime of runtimes) runtime.kill("SIGTERM");
  await until("the runtimes are gone", async () =>
    [...runtimes].every(({ exitCode, signalCode }) => exitCode !== null || signalCode !== null),
  );
  runtimes.clear();
  await product.close();
});

function startRuntime(): ChildProcess {
  const child = spawn(process.execPath, [builtCli, "flow", "work"], {
    ...{ env: product.env, cwd: product.folder, stdio: "ignore" },
  });
  runtimes.add(child);
  return child;
}

/** Each attempt writes itself down when it begins; a number that stands twice would be work done twice. */
function planOf(size: number, ledger: string, random: () => number) {
  const begun = `echo "$ACP_ATTEMPT" >> ${ledger}/$ACP_TASK_ID`;
  const tasks = Array.from({ length: size }, (_, index) => {
    const id = `t${index}`;
    const needs = index === 0 ? [] : [...new Set([0, 1].map(() => `t${Math.floor(random() * index)}`))];
    const kind = random();
    const common = { id, depends_on: needs, retry: { count: 1, backoff: 0 } };
    const nap = `sleep 0.0${Math.floor(random() * 9)}`;
    if (kind < 0.15) return { ...common, worker: "shell", command: `${begun}; ${nap}; exit 1`, on_fail: "continue" };
    if (kind < 0.3) {
      // The first attempt of each round fails.
      const command = `${begun}; ${nap}; [ -e ${ledger}/$ACP_TASK_ID.once ] || { touch ${ledger}/$ACP_TASK_ID.once; exit 1; }`;
      return { ...common, worker: "shell", command };
    }
    if (kind < 0.45) {
      const python = `import os; open("${ledger}/" + os.environ["ACP_TASK_ID"], "a").write(os.environ["ACP_ATTEMPT"] + "\\n")`;
      return { ...common, worker: "python", command: python };
    }
    if (kind < 0.6) {
      const verdict = `${begun}; if grep -q good "$ACP_JUDGED_DIR/stdout.log"; then v=pass; else v=retry; fi; printf '{"verdict":"%s","feedback":"be good"}' $v > "$ACP_RESULT_FILE"`;
      const command = `${begun}; [ "$ACP_ROUND" = 0 ] && echo bad || echo good`;
      return { ...common, worker: "shell", command, judge: { worker: "shell", command: verdict, rounds: 2 } };
    }
    if (kind < 0.66) {
      return { ...common, worker: "shell", command: `${begun}; exit 1`, on_fail: "ask", retry: { count: 0 } };
    }
    return { ...common, worker: "shell", command: `${begun}; ${nap}; echo fine` };
  });
  return { name: `stress ${size}`, parallelism: 6, tasks };
}

it.each(seeds.flatMap((seed) => [[seed, 6] as const, [seed, 40] as const]))(
  "seed %i, %i tasks: each ends once, none is tried beyond its count, the outbox is whole and ALL_DONE stands once",
  async (seed, size) => {
    product = makeProduct();
    const random = seeded(seed * 1000 + size);
    const ledger = join(product.folder, "ledger");
    mkdirSync(ledger, { recursive: true });
    const file = join(product.folder, "plan.json");
    writeFileSync(file, JSON.stringify(planOf(size, ledger, random)));
    const { flow, folder } = await product.json<{ flow: string; folder: string }>("flow", "run", file, "--no-start");
    startRuntime();
    let victim = startRuntime();
    let kills = 0;
    const answered = new Set<string>();
    for (;;) {
      await wait(100 + random() * 500);
      const { state, decisions } = await stateOf(flow);
      if (state !== "running") break;
      for (const { ref } of decisions) {
        if (answered.has(ref)) continue;
        answered.add(ref);
        appendFileSync(
          join(folder, "inbox.jsonl"),
          `{"type":"DECIDE","ref":"${ref}","answer":"continue","id":"${ref}"}\n`,
        );
      }
      if (kills < 20) {
        kills += 1;
        victim.kill("SIGKILL");
        runtimes.delete(victim);
        if (random() < 0.3) killAWatcher(random);
        victim = startRuntime();
      }
    }
    const outbox = join(folder, "outbox.jsonl");
    await until("all is told", async () => existsSync(outbox) && readFileSync(outbox, "utf8").includes('"ALL_DONE"'));

    const lines = readFileSync(outbox, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.map(({ seq }) => seq)).toEqual(lines.map((_, index) => index + 1));
    expect(lines.filter(({ type }) => type === "ALL_DONE")).toHaveLength(1);
    expect(lines.at(-1).type).toBe("ALL_DONE");
    const { tasks } = await stateOf(flow);
    for (const { id, state, attempts, lost, round, spec } of tasks) {
      expect({ id, state }).toEqual({ id, state: expect.stringMatching(/^(succeeded|failed|skipped|cancelled)$/) });
      const ends = lines.filter(({ type, task }) => task === id && /^TASK_(DONE|FAILED)$/.test(type));
      expect({ id, ends: ends.length }).toEqual({ id, ends: 1 });
      const path = join(ledger, id);
      const begun = existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : [];
      expect({ id, begun: new Set(begun).size }).toEqual({ id, begun: begun.length });
      // A judge's rounds are those of the work it judges.
      const rounds = spec.judges === null ? round + 1 : 3;
      const most = (spec.retry.count + 1) * rounds + lost;
      expect({ id, isWithin: begun.length <= most, begun: begun.length, most, attempts }).toMatchObject({
        isWithin: true,
      });
    }
  },
);

/** The shell that watches a task, and the task with it. */
function killAWatcher(random: () => number): void {
  const watchers = readdirSync("/proc").filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      const environment = readFileSync(`/proc/${name}/environ`, "latin1");
      return environment.includes("ACP_FLOW_ID=") && environment.includes(product.folder);
    } catch {
      return false;
    }
  });
  const chosen = watchers[Math.floor(random() * watchers.length)];
  if (chosen === undefined) return;
  try {
    process.kill(-Number(chosen), "SIGKILL");
  } catch {
    // It has ended, or leads no group.
  }
}

async function stateOf(flowId: string) {
  const store = await openStoreToRead({ path: storePath(product.home) });
  if (store === null) throw new Error("no store");
  try {
    const flow = await store.flows.get(flowId);
    const decisions = await store.flows.decisions({ flowId, open: true });
    return { state: flow?.state ?? "gone", decisions, tasks: await store.flows.tasks(flowId) };
  } finally {
    await store.close();
  }
}
