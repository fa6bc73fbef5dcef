// Agents of flows in the built product: the runtime is killed while they work, and nobody loses or repeats anything.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, expect, it, vi } from "vitest";
import { anyHost, builtCli, git, makeProduct, makeRepository, type Product, until } from "../support/product.ts";

vi.setConfig({ testTimeout: 180_000 });
const agent = resolve(dirname(fileURLToPath(import.meta.url)), "../../packages/runners/test/fixtures/flow-agent.mjs");

let product: Product;
const runtimes = new Set<ChildProcess>();
afterEach(async () => {
  for (const runtime of runtimes) runtime.kill("SIGTERM");
  await until("the runtimes are gone", async () => [...runtimes].every(isGone));
  runtimes.clear();
  await product.close();
});
const isGone = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null;

function startRuntime(): ChildProcess {
  const options = { env: product.env, cwd: product.folder, stdio: "ignore" } as const;
  const child = spawn(process.execPath, [builtCli, "flow", "work"], options);
  runtimes.add(child);
  return child;
}

interface Status {
  readonly flow: { readonly state: string };
  readonly tasks: readonly {
    readonly id: string;
    readonly state: string;
    readonly attempts: number;
    readonly lost: number;
    readonly reason: string | null;
    readonly hold: { readonly code: string; readonly text: string } | null;
  }[];
}

function installed(execution: readonly string[]): void {
  product = makeProduct({
    ANTHROPIC_API_KEY: "key-of-the-model",
    GH_TOKEN: "ghp_abcdefghijklmnop0123456789ABCDEFGHIJ",
  });
  mkdirSync(product.home, { recursive: true });
  writeFileSync(join(product.home, "host.yaml"), anyHost);
  const folder = join(product.home, "control-plane", "profiles", "web");
  mkdirSync(folder, { recursive: true });
  const lines = ["id: web", "repo: { slug: octo/web }", "execution:", ...execution.map((line) => `  ${line}`)];
  writeFileSync(join(folder, "control-plane.yaml"), `${lines.join("\n")}\n`);
}

async function submitted(plan: object): Promise<{ readonly flow: string; readonly folder: string }> {
  const file = join(product.folder, "plan.json");
  writeFileSync(file, JSON.stringify(plan));
  return product.json("flow", "run", file, "--no-start");
}

it("a runtime that is killed with -9 leaves its agents at work; the next one concludes each once", async () => {
  installed(["coding_worker: claude", `claude: { file: ${agent} }`, "env: { pass: [ANTHROPIC_API_KEY] }"]);
  const repository = join(product.folder, "repository");
  makeRepository(repository, { "a.txt": "one\n" });
  const ledger = join(product.folder, "ledger");
  const gate = join(product.folder, "gate");
  const work = `echo "$ACP_TASK_ID" >> ${ledger}; env > environment; while [ ! -e ${gate} ]; do sleep 0.1; done; echo done > done.txt`;
  const tasks = ["a", "b"].map((id) => ({
    id,
    worker: "claude",
    prompt: work,
    worktree: { repository, base: "main" },
  }));
  const { flow, folder } = await submitted({
    ...{ name: "outliving", profile: "web", parallelism: 4 },
    tasks: [...tasks, { id: "end", worker: "shell", command: "true", depends_on: ["a", "b"] }],
  });
  const first = startRuntime();
  const begun = () => (existsSync(ledger) ? readFileSync(ledger, "utf8").trim().split("\n") : []);
  await until("both agents work", async () => begun().length === 2);
  first.kill("SIGKILL");
  await until("it is dead", async () => isGone(first));
  startRuntime();
  writeFileSync(gate, "");
  expect((await product.acp("flow", "wait", flow, "--timeout", "120")).code).toBe(0);
  const { tasks: seen } = await product.json<Status>("flow", "status", flow);
  for (const { id, ...task } of seen)
    expect([id, task]).toMatchObject([id, { state: "succeeded", attempts: 1, lost: 0 }]);
  expect(begun().sort()).toEqual(["a", "b"]);
  const kept = JSON.parse(readFileSync(join(folder, "tasks", "a", "1", "worktree.json"), "utf8"));
  expect(git(product.folder, "--git-dir", kept.kept, "show", `${kept.sha}:done.txt`)).toBe("done");
  const environment = git(product.folder, "--git-dir", kept.kept, "show", `${kept.sha}:environment`);
  expect(environment).toContain("ACP_TASK_ID=a");
  expect(environment).not.toMatch(/ghp_|GH_TOKEN/);
  const folders = () => readdirSync(join(folder, "worktrees")).filter((name) => !name.startsWith("."));
  await until("the worktrees are gone", async () => folders().length === 0);
});

it("an agent without its key waits, status says what it lacks, and it begins when the key is there", async () => {
  installed(["coding_worker: claude", `claude: { file: ${agent} }`]);
  const { flow } = await submitted({
    name: "keyless",
    profile: "web",
    tasks: [{ id: "a", worker: "claude", prompt: "true" }],
  });
  startRuntime();
  const holdOf = async () => (await product.json<Status>("flow", "status", flow)).tasks[0];
  await until("it is said", async () => (await holdOf())?.hold?.code === "worker-waits");
  expect(await holdOf()).toMatchObject({ reason: "login-missing", attempts: 0, state: "queued" });
  expect((await product.acp("flow", "status", flow)).stdout).toMatch(/claude has no key and no login/);
  product.configure("web", { "execution.env": { pass: ["ANTHROPIC_API_KEY"] } });
  expect((await product.acp("flow", "wait", flow, "--timeout", "60")).code).toBe(0);
});
