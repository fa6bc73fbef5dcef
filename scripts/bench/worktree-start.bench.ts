/**
 * From the claim of a task to the first line its agent runs: store, worktree, session wrapper and all, as a ratio to a
 * bare `git worktree add` and a spawned shell on the same repository in the same round.
 *
 *   node <bundle> [--quick] [--json] [--files=N]
 *
 * Where it is measured is the temporary folder's disk (TMPDIR). On a disk that is busy writing, all three wait for it.
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { parseProfile } from "../../packages/core/src/profile/load-profile.ts";
import { openStore } from "../../packages/core/src/store/open-store.ts";
import { backends } from "../../packages/runners/src/backends/index.ts";
import { createProfileWorktrees, createSessionRunner } from "../../packages/runners/src/index.ts";

const quick = process.argv.includes("--quick");
const files = Number(process.argv.find((arg) => arg.startsWith("--files="))?.slice("--files=".length) ?? 0);
const sizes = files > 0 ? [files] : quick ? [5_000] : [5_000, 50_000];
const rounds = quick ? 3 : 5;
/** Files that move on the base branch between two sessions. */
const movedFiles = 50;

await measure();

async function measure(): Promise<void> {
  const built = spawnSync(process.execPath, ["scripts/build.mjs"], { stdio: ["ignore", "ignore", "inherit"] });
  if (built.status !== 0) throw new Error("the build failed");
  const lines: Record<string, unknown>[] = [];
  for (const size of sizes) {
    const folder = mkdtempSync(join(tmpdir(), "acp-bench-"));
    try {
      lines.push(await compare(folder, size));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  print(lines);
}

/** Each round runs all three one after the other and forms its own ratios. The first one warms up and is not counted. */
async function compare(folder: string, size: number): Promise<Record<string, unknown>> {
  const source = makeRepository(folder, size);
  const product = await openProduct(folder, source.origin);
  const measured: Round[] = [];
  try {
    for (let round = 0; round <= rounds; round += 1) {
      const bare = await bareStart(folder, source.clone, round);
      const first = await product.start(round * 2);
      const firstFile = fileIn(first.path);
      const retire = await product.retire(first.sessionId, 1);
      source.move(round);
      const second = await product.start(round * 2 + 1);
      const isReused = fileIn(second.path) === firstFile;
      await product.retire(second.sessionId, 0);
      const worktree = second.worktreeMs;
      if (round > 0) measured.push({ bare, fresh: first.ms, pooled: second.ms, worktree, retire, isReused });
    }
  } finally {
    await product.close();
  }
  return {
    files: size,
    "bare ms": spread(measured.map((one) => one.bare)),
    "fresh ms": spread(measured.map((one) => one.fresh)),
    "pooled ms": spread(measured.map((one) => one.pooled)),
    "of which the worktree ms": spread(measured.map((one) => one.worktree)),
    "fresh to bare": spread(
      measured.map((one) => one.fresh / one.bare),
      2,
    ),
    "pooled to bare": spread(
      measured.map((one) => one.pooled / one.bare),
      3,
    ),
    "retire into the pool ms": spread(measured.map((one) => one.retire)),
    "trees reused": `${measured.filter((one) => one.isReused).length} of ${measured.length}`,
  };
}

interface Round {
  readonly bare: number;
  readonly fresh: number;
  readonly pooled: number;
  /** The part of `pooled` that makes the worktree; the rest is the store, the fetch and the session wrapper. */
  readonly worktree: number;
  readonly retire: number;
  readonly isReused: boolean;
}

async function bareStart(folder: string, clone: string, round: number): Promise<number> {
  const path = join(folder, `bare-${round}`);
  const mark = join(folder, `bare-${round}.started`);
  const from = now();
  await ended(spawn("git", ["worktree", "add", "-q", "-b", `bare-${round}`, path, "main"], { cwd: clone }));
  await ended(spawn("/bin/sh", ["-c", `: > '${mark}'`], { cwd: path }));
  const ms = statSync(mark).mtimeMs - from;
  git(clone, "worktree", "remove", "--force", path);
  return ms;
}

/** The parts of a runtime that stand between a claim and its agent, without the scheduler. */
async function openProduct(folder: string, origin: string) {
  const profile = profileAt(folder);
  const path = join(folder, "store.db");
  const store = await openStore({ path });
  const log = { debug() {}, info() {}, warn() {}, error() {}, child: () => log };
  const worktreesOf = (poolSize: number) =>
    createProfileWorktrees({
      profile,
      remote: { url: origin, token: null, allowFile: true },
      defaultBranch: async () => "main",
      log: log as never,
      poolSize,
    });
  const worktrees = worktreesOf(1);
  const runner = createSessionRunner({
    profile,
    storePath: path,
    wrapperEntry: {
      file: process.execPath,
      args: [join("dist", "package", "dist", "session-wrapper.js")].map(absolute),
    },
    templateFolders: [absolute("templates")],
    env: process.env,
    secrets: [],
  });
  await worktrees.fetchBase();
  return {
    async start(number: number) {
      const { task } = await store.tasks.enqueue(
        { queue: "q", subject: `issue/${number}`, payload: { number } },
        "bench",
      );
      const sessionId = `s-${number}`;
      const from = now();
      const claim = await store.tasks.claim({ queues: [], taskId: task.id, owner: "bench", leaseMs: 60_000 });
      if (claim === null) throw new Error("nothing to claim");
      const base = await worktrees.fetchBase();
      const session = await store.sessions.intend(claim.lease, {
        id: sessionId,
        profileId: profile.id,
        attempt: 1,
        kind: "agent",
        subject: task.subject,
        lane: task.lane,
        backend: "shell",
        runDir: join(folder, "runs", sessionId),
        worktreePath: worktrees.pathFor(sessionId),
        branch: `agent/bench/issue-${number + 1}-${sessionId}`,
        startSha: base.sha,
      });
      if (session === "lost") throw new Error("the lease was lost");
      const row = { path: session.worktreePath, profileId: profile.id, sessionId, baseSha: base.sha };
      await store.worktrees.plan(row);
      const made = performance.now();
      await worktrees.create({ sessionId, branch: session.branch, sha: base.sha });
      const worktreeMs = performance.now() - made;
      await store.worktrees.setState(row.path, "ready");
      await runner.launchAgent(session, claim.task);
      while (runner.ending(session) === null) await wait(10);
      const mark = join(session.runDir, "agent-started");
      return { ms: statSync(mark).mtimeMs - from, worktreeMs, path: session.worktreePath, sessionId };
    },
    async retire(sessionId: string, poolSize: number) {
      const from = performance.now();
      await worktreesOf(poolSize).retire(sessionId, { abandoned: false });
      return performance.now() - from;
    },
    close: () => store.close(),
  };
}

function profileAt(folder: string) {
  const text = `schema_version: "1"
id: bench
repo: { slug: bench/bench }
runtime: { orchestrator_agent_root: ${folder}/agents, worktree_root: ${folder}/worktrees }
execution:
  shell:
    command: >-
      : > "$(dirname "$ACP_PROMPT_FILE")/agent-started";
      echo changed > folder-1/file-1.txt; mkdir -p build; echo artefact > build/out.o
`;
  const parsed = parseProfile({
    text,
    file: join(folder, "control-plane.yaml"),
    env: {},
    runtimeHome: folder,
    backends,
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.profile;
}

/** Fifty files of one to four kilobytes a folder. */
function makeRepository(folder: string, size: number) {
  const clone = join(folder, "clone");
  const origin = join(folder, "origin.git");
  mkdirSync(clone);
  git(clone, "init", "-q", "-b", "main");
  for (let n = 0; n < size; n += 1) {
    const place = join(clone, `folder-${Math.floor(n / 50)}`);
    if (n % 50 === 0) mkdirSync(place);
    writeFileSync(join(place, `file-${n}.txt`), `${n} ${"content of a source file ".repeat(40 + (n % 120))}\n`);
  }
  commit(clone);
  git(folder, "clone", "-q", "--bare", clone, origin);
  return {
    clone,
    origin,
    move(round: number) {
      for (let n = 0; n < movedFiles; n += 1) {
        const at = Math.floor((n * size) / movedFiles);
        writeFileSync(join(clone, `folder-${Math.floor(at / 50)}`, `file-${at}.txt`), `moved ${round} ${n}\n`);
      }
      commit(clone);
      git(clone, "push", "-q", origin, "main");
    },
  };
}

function commit(clone: string): void {
  git(clone, "add", "-A");
  git(clone, "-c", "user.name=b", "-c", "user.email=b@localhost", "commit", "-q", "-m", "files");
}

function git(cwd: string, ...args: string[]): void {
  const env = { PATH: process.env.PATH, HOME: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" };
  const { status } = spawnSync("git", ["-c", "gc.auto=0", ...args], {
    cwd,
    env,
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (status !== 0) throw new Error(`git ${args[0]} failed`);
}

function ended(child: ReturnType<typeof spawn>): Promise<void> {
  return new Promise((done, fail) => {
    child.once("error", fail);
    child.once("close", (code) => (code === 0 ? done() : fail(new Error(`${child.spawnfile} ended with ${code}`))));
  });
}

/** Which file it is on the disk, one that no session and no move touches. */
function fileIn(worktree: string): string {
  const { ino, birthtimeMs } = statSync(join(worktree, "folder-2/file-120.txt"));
  return `${ino} ${birthtimeMs}`;
}

function now(): number {
  return performance.timeOrigin + performance.now();
}

function absolute(path: string): string {
  return join(process.cwd(), path);
}

/** Median [smallest-largest]. */
function spread(values: readonly number[], digits = 0): string {
  const sorted = [...values].sort((a, b) => a - b);
  const [median = 0, least = 0, most = 0] = [sorted[Math.floor(sorted.length / 2)], sorted[0], sorted.at(-1)];
  return `${median.toFixed(digits)} [${least.toFixed(digits)}-${most.toFixed(digits)}]`;
}

function print(lines: readonly Record<string, unknown>[]): void {
  if (process.argv.includes("--json")) {
    console.log(JSON.stringify({ bench: "worktree-start", node: process.version, lines }, null, 2));
    return;
  }
  const load = loadavg()[0]?.toFixed(1);
  console.log(
    `claim to agent start, ${tmpdir()}, node ${process.version}, load ${load} on ${availableParallelism()} cores`,
  );
  for (const line of lines) {
    console.log(
      Object.entries(line)
        .map(([name, value]) => `${name} ${value}`)
        .join(" | "),
    );
  }
}
