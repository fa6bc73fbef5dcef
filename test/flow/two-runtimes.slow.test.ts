// Acceptance: two runtimes work one flow, one of them hangs for longer than its leases, and one leaves what it runs.
import { type ChildProcess, spawn } from "node:child_process";
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { type LoggedEvent, openStore, openStoreToRead, storePath } from "@agent-control-plane/core";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { builtCli, makeProduct, type Product, until } from "../support/product.ts";

vi.setConfig({ testTimeout: 180_000 });

let product: Product;
const runtimes = new Set<ChildProcess>();
beforeEach(() => {
  product = makeProduct();
});
afterEach(async () => {
  for (const runtime of runtimes) {
    runtime.kill("SIGCONT");
    runtime.kill("SIGTERM");
  }
  await until("the runtimes are gone", async () => [...runtimes].every(isOver));
  runtimes.clear();
  await product.close();
});

const isOver = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null;

function startRuntime(): ChildProcess {
  const options = { env: product.env, cwd: product.folder, stdio: "ignore" } as const;
  const runtime = spawn(process.execPath, [builtCli, "flow", "work"], options);
  runtimes.add(runtime);
  return runtime;
}

/** Each attempt writes down that it begins and that it ends, in the order in which they do. */
async function submit(tasks: number, seconds: number, parallelism: number) {
  const journal = join(product.folder, "journal");
  const command = `echo "begins $ACP_TASK_ID" >> ${journal}; sleep ${seconds}; echo "ends $ACP_TASK_ID" >> ${journal}`;
  const ids = Array.from({ length: tasks }, (_, index) => `t${index}`);
  const plan = { parallelism, defaults: { worker: "shell" }, tasks: ids.map((id) => ({ id, command })) };
  const file = join(product.folder, "plan.json");
  writeFileSync(file, JSON.stringify(plan));
  const { flow, folder } = await product.json<{ flow: string; folder: string }>("flow", "run", file, "--no-start");
  return {
    flow,
    folder,
    ids,
    lines: () => (existsSync(journal) ? readFileSync(journal, "utf8").trim().split("\n") : []),
  };
}

async function look<T>(
  how: (store: NonNullable<Awaited<ReturnType<typeof openStoreToRead>>>) => Promise<T>,
): Promise<T> {
  const store = await openStoreToRead({ path: storePath(product.home) });
  if (store === null) throw new Error("no store");
  try {
    return await how(store);
  } finally {
    await store.close();
  }
}

/** One that is stopped while it writes holds up everybody, as any program would that has the store's lock. */
async function stopBetweenWrites(runtime: ChildProcess): Promise<void> {
  const store = await openStore({ path: storePath(product.home), lockWaitMs: 1_000 });
  try {
    for (;;) {
      runtime.kill("SIGSTOP");
      try {
        return void (await store.flows.shortenPauses("test"));
      } catch {
        runtime.kill("SIGCONT");
        await wait(50);
      }
    }
  } finally {
    await store.close();
  }
}

const eventsOf = (kind: string): Promise<readonly LoggedEvent[]> =>
  look(async (store) => (await store.events.list({ limit: 100_000 })).filter((event) => event.kind === kind));

async function expectOnce({ flow, folder, ids, lines }: Awaited<ReturnType<typeof submit>>): Promise<void> {
  const path = join(folder, "outbox.jsonl");
  await until(
    "all is told",
    async () => existsSync(path) && readFileSync(path, "utf8").includes('"ALL_DONE"'),
    120_000,
  );
  const said = lines();
  for (const word of ["begins", "ends"])
    expect(said.filter((line) => line.startsWith(word)).sort()).toEqual(ids.map((id) => `${word} ${id}`).sort());
  const told = readFileSync(path, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(told.map(({ seq }) => seq)).toEqual(told.map((_, index) => index + 1));
  expect(told.filter(({ type }) => type === "TASK_DONE")).toHaveLength(ids.length);
  expect((await product.json<{ flow: { state: string } }>("flow", "status", flow)).flow.state).toBe("succeeded");
}

it("sixty tasks of two runtimes: no more at once than the plan says, none twice, also when the keeper hangs and wakes", async () => {
  const flow = await submit(60, 2, 6);
  startRuntime();
  startRuntime();
  await until("both work", async () => {
    const owners = (await eventsOf("flow.task-running")).map(({ actor }) => actor);
    return new Set(owners).size === 2;
  });
  const hung = await until("one keeps the mailbox", async () => {
    const keeper = await look(async (store) => {
      const [task] = await store.tasks.list({ queue: "flow-keepers", states: ["running"] });
      return task ? store.tasks.lease(task.id) : null;
    });
    return [...runtimes].find(({ pid }) => keeper?.owner.includes(`-${pid}-`));
  });
  const inbox = join(flow.folder, "inbox.jsonl");
  await stopBetweenWrites(hung);
  for (let number = 0; number < 25; number += 1) {
    appendFileSync(inbox, `{"type":"PAUSE","id":"p${number}"}\n{"type":"RESUME","id":"r${number}"}\n`);
    await wait(1_000);
  }
  await until("another one keeps the mailbox", async () => (await eventsOf("flow.line-read")).length >= 50);
  hung.kill("SIGCONT");
  appendFileSync(inbox, '{"type":"PAUSE","id":"p0"}\n');
  await expectOnce(flow);
  const answers = (await eventsOf("flow.line-read")).map(({ body }) => (body as { readonly answer: string }).answer);
  expect(answers).toEqual([...Array.from({ length: 50 }, () => "applied"), "repeat"]);
  let running = 0;
  for (const line of flow.lines()) {
    running += line.startsWith("begins") ? 1 : -1;
    expect(running).toBeLessThanOrEqual(6);
  }
});

it("a runtime that is told to leave ends at once, and what it ran goes on with the next one, which keeps the mailbox", async () => {
  const flow = await submit(3, 6, 3);
  const first = startRuntime();
  await until("all of it runs", async () => flow.lines().length === 3);
  first.kill("SIGUSR2");
  await until("it is gone", async () => isOver(first), 5_000);
  expect(flow.lines()).toHaveLength(3);
  startRuntime();
  await expectOnce(flow);
  const adopted = await eventsOf("task.adopted");
  expect(adopted).toHaveLength(3);
  expect((await look((store) => store.flows.tasks(flow.flow))).map(({ attempts, lost }) => [attempts, lost])).toEqual([
    [1, 0],
    [1, 0],
    [1, 0],
  ]);
});
