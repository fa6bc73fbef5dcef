// Acceptance: whatever is killed whenever, each task runs to one end, nothing is done twice, and all is told once.
import { type ChildProcess, spawn } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { type FlowTask, openStoreToRead, type Session, storePath } from "@agent-control-plane/core";
import { storeProblems } from "@agent-control-plane/testkit";
import { seeded } from "@agent-control-plane/testkit/seeded-random";
import { afterEach, expect, it, vi } from "vitest";
import { builtCli, makeProduct, type Product, until } from "../support/product.ts";
import { answers, endsOf, type Foretold, killablePlan, taskOf } from "./support/killable-plan.ts";

const seeds = (process.env.ACP_FLOW_SEEDS ?? "1,2,3,4,5,6").split(",").map(Number);
vi.setConfig({ testTimeout: 240_000 });

let product: Product;
const runtimes = new Set<ChildProcess>();
afterEach(async () => {
  for (const runtime of runtimes) runtime.kill("SIGTERM");
  await until("the runtimes are gone", async () => [...runtimes].every(isOver));
  runtimes.clear();
  await product.close();
});

const isOver = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null;

function startRuntime(): void {
  const stdio = { env: product.env, cwd: product.folder, stdio: "ignore" } as const;
  runtimes.add(spawn(process.execPath, [builtCli, "flow", "work"], stdio));
}

function startMissing(): void {
  for (let missing = 2 - [...runtimes].filter((each) => !isOver(each)).length; missing > 0; missing -= 1)
    startRuntime();
}

it.each(seeds.flatMap((seed) => [[seed, 6] as const, [seed, 40] as const]))(
  "seed %i, %i tasks: each ends as foretold, none is tried beyond its count, the outbox is whole and ALL_DONE stands once",
  async (seed, size) => {
    product = makeProduct();
    watchersKilled = 0;
    const random = seeded(seed * 1000 + size);
    const ledger = join(product.folder, "ledger");
    mkdirSync(ledger, { recursive: true });
    const { plan, foretold } = killablePlan(size, product.folder, random);
    const file = join(product.folder, "plan.json");
    writeFileSync(file, JSON.stringify(plan));
    const { flow, folder } = await product.json<{ flow: string; folder: string }>("flow", "run", file, "--no-start");
    const all = [...foretold];
    const sender = new Sender(folder, [taskOf("plain", size, all, product.folder, random)], random);
    startRuntime();
    startRuntime();
    const killed: Record<string, number> = {};
    for (let turn = 0; ; turn += 1) {
      if (turn > 300) throw new Error(`The flow does not end: ${product.folder}`);
      await wait(100 + random() * 500);
      const { state, decisions } = await stateOf(flow);
      if (state !== "running") break;
      for (const { ref, taskId } of decisions) await sender.answer(ref, answers[taskId.split("-")[0] ?? ""]);
      sender.write();
      if (turn < 25) count(killed, killSomething(random));
      startMissing();
    }
    sender.finish();
    const outbox = join(folder, "outbox.jsonl");
    await until("all is told", async () => {
      startMissing(); // the last two may have been told to leave when the flow ended
      return existsSync(outbox) && readFileSync(outbox, "utf8").includes('"ALL_DONE"');
    });
    await until("nothing is left to do", async () => (await stateOf(flow)).isKept === false);
    const { tasks, sessions, problems } = await stateOf(flow);
    expect(problems).toEqual([]);
    expectWholeOutbox(outbox, tasks, sender);
    expectFate(tasks, sender.isAdded ? all : foretold);
    expectHonestWork(tasks, sessions, ledger, all);
    if (process.env.ACP_FLOW_EVIDENCE)
      appendFileSync(process.env.ACP_FLOW_EVIDENCE, `${evidenceOf(seed, size, killed, tasks, sessions)}\n`);
  },
);

const count = (counts: Record<string, number>, what: string) => {
  counts[what] = (counts[what] ?? 0) + 1;
};

/** One thing at random; says what. */
function killSomething(random: () => number): string {
  const living = [...runtimes].filter((each) => !isOver(each));
  const one = living[Math.floor(random() * living.length)];
  const dice = random();
  if (dice < 0.35) {
    one?.kill("SIGKILL");
    return "runtime";
  }
  if (dice < 0.45) {
    for (const each of living) each.kill("SIGKILL");
    return "both runtimes";
  }
  if (dice < 0.55) {
    one?.kill("SIGTERM");
    return "runtime told to end";
  }
  if (dice < 0.65) {
    one?.kill("SIGUSR2");
    return "runtime told to leave";
  }
  if (dice < 0.75) {
    one?.kill("SIGTERM");
    setTimeout(() => one?.kill("SIGKILL"), random() * 100);
    return "runtime while it ends";
  }
  return dice < 0.9 ? killAWorker(random) : killAWatcher(random);
}

let watchersKilled = 0;

/** The shell that watches a task, and the task with it. Not so often that a task could be lost for good. */
function killAWatcher(random: () => number): string {
  if (watchersKilled >= 3) return "nothing";
  const watcher = oneOf(
    processesOf(() => true).filter(({ line }) => line.includes("acp-task")),
    random,
  );
  if (!watcher || !signal(-watcher.pid)) return "nothing";
  watchersKilled += 1;
  return "watcher";
}

/** The work itself: a failure of the task, so only of those that can bear it. */
function killAWorker(random: () => number): string {
  const worker = oneOf(
    processesOf((task) => task.startsWith("sturdy")).filter(({ line }) => !line.includes("acp-task")),
    random,
  );
  return worker && signal(worker.pid) ? "worker" : "nothing";
}

const oneOf = <T>(from: readonly T[], random: () => number): T | undefined => from[Math.floor(random() * from.length)];

function signal(pid: number): boolean {
  try {
    return process.kill(pid, "SIGKILL");
  } catch {
    return false;
  }
}

function processesOf(isMeant: (taskId: string) => boolean): readonly { readonly pid: number; readonly line: string }[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const environment = readFileSync(`/proc/${name}/environ`, "latin1");
      const taskId = /(?:^|\0)ACP_TASK_ID=([^\0]*)/.exec(environment)?.[1];
      if (taskId === undefined || !environment.includes(product.folder) || !isMeant(taskId)) return [];
      return [{ pid: Number(name), line: readFileSync(`/proc/${name}/cmdline`, "latin1") }];
    } catch {
      return [];
    }
  });
}

/** Writes into the inbox as agents do, and worse: torn lines, rubbish, repeats, and a new file now and then. */
class Sender {
  readonly #inbox: string;
  readonly #random: () => number;
  readonly #answered = new Set<string>();
  readonly #adds: readonly string[];
  #torn = "";
  #files = 0;
  readonly added: string;
  rubbish = 0;
  repeats = 0;
  isAdded = false;
  turnsSinceAdded = 0;

  constructor(folder: string, added: readonly object[], random: () => number) {
    this.#inbox = join(folder, "inbox.jsonl");
    this.#random = random;
    this.added = (added[0] as { readonly id: string }).id;
    this.#adds = added.map((task, index) => `${JSON.stringify({ type: "ADD_TASK", id: `add-${index}`, task })}\n`);
  }

  /** Through the command line or the mailbox; some answers twice. */
  async answer(ref: string, answer: string | undefined): Promise<void> {
    if (answer === undefined || this.#answered.has(ref)) return;
    this.#answered.add(ref);
    if (this.#random() < 0.5) {
      const { code, stderr } = await product.acp("flow", "decide", ref, "--answer", answer);
      if (code !== 0) throw new Error(`The answer to ${ref} was not taken: ${stderr}`);
      return;
    }
    const line = `${JSON.stringify({ type: "DECIDE", ref, answer, id: ref })}\n`;
    this.#append(line);
    if (this.#random() < 0.4) {
      this.#append(line);
      this.repeats += 1;
    }
  }

  write(): void {
    const dice = this.#random();
    if (this.isAdded) this.turnsSinceAdded += 1;
    if (dice < 0.15) {
      this.#append('{"type": "DECIDE", \n');
      this.rubbish += 1;
    } else if (dice < 0.3 && !this.isAdded) {
      this.isAdded = true;
      for (const line of this.#adds) this.#append(line);
    } else if (dice < 0.45 && this.#torn === "") {
      const line = `{"type": "PAUSE", "odd": ${this.rubbish}}\n`;
      this.#append(line.slice(0, 9));
      this.#torn = line.slice(9);
      this.rubbish += 1;
    } else if (dice < 0.6 && this.#torn === "" && existsSync(this.#inbox)) {
      this.#files += 1;
      renameSync(this.#inbox, `${this.#inbox}.${this.#files}`);
    }
  }

  /** What it asked for is in the file; a flow that is over takes no more. */
  finish(): void {
    this.#append("");
  }

  #append(text: string): void {
    appendFileSync(this.#inbox, this.#torn + text);
    this.#torn = "";
  }
}

function expectWholeOutbox(outbox: string, tasks: readonly FlowTask[], sender: Sender): void {
  const lines = readFileSync(outbox, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.map(({ seq }) => seq)).toEqual(lines.map((_, index) => index + 1));
  expect(lines.filter(({ type }) => type === "ALL_DONE")).toHaveLength(1);
  // What was still in the inbox when it ended is answered after it.
  const rest = lines.slice(lines.findIndex(({ type }) => type === "ALL_DONE") + 1);
  expect(rest.filter(({ type }) => type !== "ERROR")).toEqual([]);
  for (const { id } of tasks) {
    const ends = lines.filter(({ type, task }) => task === id && /^TASK_(DONE|FAILED)$/.test(type));
    expect({ id, ends: ends.length }).toEqual({ id, ends: 1 });
  }
  const said = (reason: string) => lines.filter((line) => line.type === "ERROR" && line.code === reason).length;
  // What was written while it ended may come too late for an answer.
  if (sender.isAdded && sender.turnsSinceAdded > 8 && !tasks.some(({ id }) => id === sender.added))
    expect(lines.filter(({ type, command }) => type === "ERROR" && command === "ADD_TASK")).toHaveLength(1);
  const isAtMost = { malformed: said("malformed") <= sender.rubbish, repeat: said("repeat") <= sender.repeats };
  expect(isAtMost).toEqual({ malformed: true, repeat: true });
}

function expectFate(tasks: readonly FlowTask[], foretold: readonly Foretold[]): void {
  const ends = endsOf(foretold);
  for (const { id, state, reason, summary } of tasks) {
    expect({ id, state }).toMatchObject({ state: expect.stringMatching(/^(succeeded|failed|skipped|cancelled)$/) });
    const expected = ends.get(id);
    if (expected !== undefined) expect({ id, state, reason, summary }).toMatchObject({ id, state: expected });
  }
}

/** What the workers wrote down themselves, against what the store says of their attempts. */
function expectHonestWork(
  tasks: readonly FlowTask[],
  sessions: readonly Session[],
  ledger: string,
  foretold: readonly Foretold[],
): void {
  const overlaps = join(ledger, "overlaps");
  expect(existsSync(overlaps) ? readFileSync(overlaps, "utf8") : "").toBe("");
  for (const { id, lost } of tasks) {
    const path = join(ledger, id);
    const entries = existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : [];
    const attempts = entries.map((line) => Number(line.split(" ")[0]));
    expect({ id, attempts: new Set(attempts).size }).toEqual({ id, attempts: attempts.length });
    const own = sessions.filter(({ subject }) => subject === id);
    // Nothing was done that is not an attempt, and each that counts was done.
    expect(own.map(({ attempt }) => attempt)).toEqual(expect.arrayContaining(attempts));
    const counting = own.filter(({ outcome }) => outcome === "done" || outcome === "failed");
    for (const { attempt } of counting)
      expect({ id, attempts }).toEqual({ id, attempts: expect.arrayContaining([attempt]) });
    const rounds = new Map(entries.map((line) => line.split(" ").map(Number) as [number, number]));
    // A judge is asked once in each round of the work.
    const most = id.endsWith(".judge") ? 3 : (foretold.find((each) => each.id === id)?.most ?? 0);
    for (const round of new Set(rounds.values())) {
      const tries = counting.filter(({ attempt }) => rounds.get(attempt) === round).length;
      expect({ id, round, isWithin: tries <= most, tries, most }).toMatchObject({ isWithin: true });
    }
    expect({ id, lost }).toEqual({ id, lost: own.filter(({ outcome }) => outcome === "lost").length });
  }
}

function evidenceOf(
  seed: number,
  size: number,
  killed: Record<string, number>,
  tasks: readonly FlowTask[],
  sessions: readonly Session[],
): string {
  const outcomes: Record<string, number> = {};
  for (const { outcome } of sessions) count(outcomes, outcome ?? "open");
  const states: Record<string, number> = {};
  for (const { state } of tasks) count(states, state);
  return JSON.stringify({ seed, size, killed, outcomes, states });
}

async function stateOf(flowId: string) {
  const store = await openStoreToRead({ path: storePath(product.home) });
  if (store === null) throw new Error("no store");
  try {
    const flow = await store.flows.get(flowId);
    const decisions = await store.flows.decisions({ flowId, open: true });
    const tasks = await store.flows.tasks(flowId);
    const keepers = await store.tasks.list({ queue: "flow-keepers", states: ["queued", "running", "scheduled"] });
    const sessions = await store.sessions.list({ profileId: `flow:${flowId}`, limit: 10_000 });
    const problems = flow?.finishedAt == null ? [] : await storeProblems(store);
    return { state: flow?.state ?? "gone", decisions, tasks, sessions, isKept: keepers.length > 0, problems };
  } finally {
    await store.close();
  }
}
