import { execFile } from "node:child_process";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeTemporaryFolder } from "@agent-control-plane/runners";
import { type Finding, ok, problem } from "../finding.ts";
import type { Check } from "../scope.ts";

export interface ProgramFacts {
  /** Without a "v". */
  readonly node: string;
  /** As git prints it; null: there is no git. */
  readonly git: string | null;
  /** What of git's features, tried in an empty repository, did not work; null: not tried. */
  readonly lacking: readonly string[] | null;
}

export const programsCheck: Check = {
  name: "programs",
  limitMs: 10_000,
  look: async ({ context }, signal) => judgePrograms(await readPrograms(context.env, signal)),
};

const leastNode = "20.19.0";
/** `merge-tree --write-tree` came with it. */
const leastGit = "2.38.0";

export function judgePrograms({ node, git, lacking }: ProgramFacts): readonly Finding[] {
  return [judgeNode(node), ...judgeGit(git, lacking)];
}

function judgeNode(node: string): Finding {
  if (!isOlder(node, leastNode)) return ok("programs", "node", `Node ${node}`);
  const fix = `install Node ${leastNode} or newer, and start the runtime with it.`;
  return problem("node-too-old", { subject: "node", found: `Node ${node} is older than ${leastNode}`, fix });
}

function judgeGit(git: string | null, lacking: ProgramFacts["lacking"]): readonly Finding[] {
  const fix = `install git ${leastGit} or newer, and see that it comes first on PATH.`;
  if (git === null) return [problem("git-missing", { subject: "git", found: "there is no git on PATH", fix })];
  if (isOlder(git, leastGit))
    return [problem("git-too-old", { subject: "git", found: `git ${git} is older than ${leastGit}`, fix })];
  if (lacking === null || lacking.length === 0) return [ok("programs", "git", `git ${git}`)];
  const found = `git ${git} does not do what we need: ${lacking.join("; ")}`;
  return [
    problem("git-feature-missing", {
      subject: "git",
      found,
      fix: "install a complete git; see that the folder for temporary files can be written.",
    }),
  ];
}

function isOlder(version: string, least: string): boolean {
  const [mine, theirs] = [version, least].map((text) => text.split(".").map((part) => Number.parseInt(part, 10) || 0));
  for (const [index, wanted] of (theirs ?? []).entries()) {
    const own = mine?.[index] ?? 0;
    if (own !== wanted) return own < wanted;
  }
  return false;
}

async function readPrograms(env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<ProgramFacts> {
  const node = process.version.replace(/^v/, "");
  const said = await git(["--version"], tmpdir(), env, signal).catch(() => null);
  const version = said === null ? null : (/(\d+\.\d+(\.\d+)?)/.exec(said)?.[1] ?? "0");
  return {
    node,
    git: version,
    lacking: version === null || isOlder(version, leastGit) ? null : await tryFeatures(env, signal),
  };
}

/** What sessions and merges rest on, done for real in a repository of our own that is gone afterwards. */
async function tryFeatures(env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<readonly string[]> {
  const folder = makeTemporaryFolder("doctor");
  try {
    const run = (...args: string[]) => git(args, folder, env, signal);
    const repository = join(folder, "r.git");
    await run("init", "--quiet", "--bare", repository);
    const inside = (...args: string[]) =>
      run("-C", repository, "-c", "user.name=acp", "-c", "user.email=acp@localhost", ...args);
    const commit = (await inside("commit-tree", emptyTree, "-m", "first")).trim();
    await inside("merge-tree", "--write-tree", commit, commit);
    await inside("worktree", "add", "--quiet", "--detach", join(folder, "w"), commit);
    return [];
  } catch (error) {
    return [
      error instanceof Error
        ? (error.message.split("\n").find((line) => /^(fatal|error|git)/.test(line)) ??
          error.message.split("\n")[0] ??
          "")
        : String(error),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const emptyTree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

function git(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const own = { PATH: env.PATH, HOME: cwd, GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null", LC_ALL: "C" };
    execFile("git", [...args], { cwd, env: own, signal, timeout: 8_000, killSignal: "SIGKILL" }, (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    );
  });
}
