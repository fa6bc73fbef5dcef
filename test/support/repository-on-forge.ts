// The real scheduler before a real local forge: real store, real requests, one clock for both sides. Sessions cannot be
// started here, and none is: what is asked, decided and written is what these tests count.
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { type OpenStore, type Project, type TickReport, tick } from "@agent-control-plane/core";
import { type ForgeCounters, type LocalForge, startLocalForge } from "@agent-control-plane/local-forge";
import { ManualClock, temporaryFolder, temporaryStore } from "@agent-control-plane/testkit";
import { onTestFinished } from "vitest";
import { git, makeRepository } from "./product.ts";
import { schedulerOnForge } from "./scheduler-on-forge.ts";

export const slug = "ann/web";

/** What one look at the repository cost. */
export interface Cost extends ForgeCounters {
  readonly report: TickReport;
  /** SQL statements, and those of them that write. */
  readonly statements: readonly string[];
  readonly writing: readonly string[];
  /** Samples for the charts that it kept, which is the one write of a tick in which nothing happened: one in five minutes. */
  readonly samples: number;
}

export interface RepositoryOnForge {
  readonly forge: LocalForge;
  readonly clock: ManualClock;
  readonly store: OpenStore;
  readonly project: Project;
  /** As a person, `ann`, who may write; throws when the forge refuses. */
  api<T = unknown>(method: string, path: string, body?: unknown): Promise<T>;
  /** As another one: `bot` (our own account), `tim` (who may write), `zoe` (who may read). */
  as(login: Login): RepositoryOnForge["api"];
  /** Opted-in issues. */
  fileIssues(count: number, over?: object): Promise<void>;
  /** Pull requests of ours, from branches of ours, with finished checks. */
  openPulls(count: number): Promise<readonly number[]>;
  /** A new commit on a branch; all of them change the same file unless another one is named. */
  push(branch: string, file?: string): Promise<string>;
  /** So much later, an interval as a rule: a tick, and after it the outbox. */
  tick(laterMs?: number): Promise<Cost>;
  /** What the outbox holds, without a tick. */
  deliver(): Promise<unknown>;
  /** Ticks until one of them asks for nothing that is metered and writes nothing; answers how many that took. */
  settle(atMost?: number): Promise<number>;
  /** A scheduler that knows what the store knows and nothing else. */
  restart(): RepositoryOnForge;
}

/** `ann` owns the repository: her rights cannot be taken away. */
const accounts = { bot: "write", ann: "write", tim: "write", zoe: "read" } as const;
type Login = keyof typeof accounts;

const intervalMs = 30_000;

export async function repositoryOnForge(profileText = ""): Promise<RepositoryOnForge> {
  const folder = temporaryFolder("acp-on-forge-");
  const clock = new ManualClock();
  const forge = await startLocalForge({ dataDir: join(folder, "forge"), now: () => clock.now() });
  onTestFinished(() => forge.close());
  const seed = join(folder, "seed");
  makeRepository(seed, { "README.md": "# web\n" });
  for (const login of Object.keys(accounts)) forge.createUser({ login });
  await forge.createRepository({ owner: "ann", name: "web", importFrom: seed });
  for (const [login, level] of Object.entries(accounts)) forge.setPermission(slug, login, level);
  forge.setRateLimit("core", 1_000_000);
  forge.setRateLimit("graphql", 1_000_000);
  const tokens = new Map(Object.keys(accounts).map((login) => [login, forge.createToken({ login })]));
  const statements: string[] = [];
  const { store } = await temporaryStore({ clock, onStatement: (sql) => void statements.push(sql) });

  function as(login: string): RepositoryOnForge["api"] {
    return async <T>(method: string, path: string, body?: unknown) => {
      const response = await fetch(`${forge.apiUrl}/repos/${slug}${path}`, {
        method,
        headers: { authorization: `Bearer ${tokens.get(login)}`, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
      return (text === "" ? null : JSON.parse(text)) as T;
    };
  }

  const api = as("ann");
  const remote = `${forge.gitUrl.replace("http://", `http://x-access-token:${tokens.get("bot")}@`)}/${slug}.git`;

  /** The forge answers it from this very process: it must not be waited for with everything standing still. */
  const pushRefs = (...refs: readonly string[]) =>
    promisify(execFile)("git", ["-C", seed, "push", "--quiet", "--force", remote, ...refs], {
      env: { PATH: process.env.PATH, HOME: seed, GIT_CONFIG_NOSYSTEM: "1", GIT_TERMINAL_PROMPT: "0" },
    });

  /** On top of the first commit, with a file that no other one has. */
  function commit(message: string, file = "change.txt"): string {
    git(seed, "read-tree", "HEAD");
    writeFileSync(join(seed, file), `${message}\n`);
    git(seed, "add", file);
    const tree = git(seed, "write-tree");
    const identity = ["-c", "user.name=Bot", "-c", "user.email=bot@example.test"];
    return git(seed, ...identity, "commit-tree", tree, "-p", "HEAD", "-m", message);
  }

  function open(): RepositoryOnForge {
    const token = tokens.get("bot") ?? "";
    const { project, deliver } = schedulerOnForge({
      id: "web",
      slug,
      profileText,
      apiUrl: forge.apiUrl,
      token,
      store,
      clock,
    });
    let pulls = 0;
    let pushes = 0;
    const self: RepositoryOnForge = {
      forge,
      clock,
      store,
      project,
      api,
      as,
      async fileIssues(count, over = {}) {
        for (let filed = 0; filed < count; filed += 1) {
          await api("POST", "/issues", { title: `Work ${filed}`, body: "Text.", labels: ["agent-ready"], ...over });
        }
      },
      async openPulls(count) {
        const branches = Array.from({ length: count }, () => `agent/web/issue-${100_000 + ++pulls}-s1`);
        const refs = branches.map((branch) => `${commit(branch)}:refs/heads/${branch}`);
        await pushRefs(...refs);
        const numbers: number[] = [];
        for (const head of branches) {
          const opened = await as("bot")<{ number: number }>("POST", "/pulls", { title: head, head, base: "main" });
          await forge.setChecks({ repository: slug, ref: head, checks: { build: "success", test: "success" } });
          numbers.push(opened.number);
        }
        return numbers;
      },
      async push(branch, file) {
        pushes += 1;
        await pushRefs(`${commit(`push ${pushes}`, file)}:refs/heads/${branch}`);
        return branch;
      },
      async tick(laterMs = intervalMs) {
        clock.advance(laterMs);
        const { sequence } = forge.counters();
        statements.length = 0;
        const report = await tick(project, { draining: false });
        const asked = forge.counters({ since: sequence });
        const run = [...statements];
        await deliver();
        return {
          ...asked,
          report,
          statements: run,
          writing: run.filter((sql) => writes(sql) && !isSample(sql)),
          samples: run.filter(isSample).length,
        };
      },
      deliver,
      async settle(atMost = 60) {
        for (let ticks = 0; ticks < atMost; ticks += 1) {
          const { sequence } = forge.counters();
          const first = await self.tick();
          const isQuiet = forge.counters({ since: sequence }).metered === 0 && first.writing.length === 0;
          if (isQuiet) return ticks;
        }
        throw new Error(`not quiet after ${atMost} ticks`);
      },
      restart: open,
    };
    return self;
  }
  return open();
}

/** A transaction that finds nothing to change writes nothing. */
const writes = (sql: string): boolean => /^\s*(?:insert|update|delete|replace)\b/i.test(sql);

const isSample = (sql: string): boolean => /^\s*insert into samples\b/i.test(sql);
