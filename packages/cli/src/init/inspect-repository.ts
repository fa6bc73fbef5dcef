import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { UserError, type VerificationCommand } from "@agent-control-plane/core";

export interface InspectedRepository {
  /** Without symbolic links. */
  readonly root: string;
  /** `owner/name` when origin is on github.com. */
  readonly slug: string | null;
  readonly verification: readonly VerificationCommand[];
}

/** Looks at a checkout without changing it. Throws `UserError` when there is none at `path`. */
export function inspectRepository(path: string, env: NodeJS.ProcessEnv): InspectedRepository {
  if (!(statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false)) {
    throw new UserError(`--repo-root ${path} is not there or not a folder. Give the path of a git checkout.`);
  }
  const root = realpathSync(path);
  const bare = git(root, ["rev-parse", "--is-bare-repository"], env);
  if (bare === null)
    throw new UserError(`--repo-root ${path} is not a git repository. Run "git init" there, or give another path.`);
  const top = bare === "true" ? root : git(root, ["rev-parse", "--show-toplevel"], env);
  if (top !== root)
    throw new UserError(`--repo-root ${path} lies inside a repository. Give its top folder: ${top ?? "unknown"}.`);
  const origin = git(root, ["config", "--get", "remote.origin.url"], env);
  return { root, slug: origin === null ? null : githubSlug(origin), verification: detectVerification(root) };
}

/** `owner/name` of a github.com address in any of its spellings, else null. */
export function githubSlug(url: string): string | null {
  const [, owner, name] =
    /^(?:https?:\/\/(?:[^@/]*@)?github\.com\/|ssh:\/\/git@github\.com(?::\d+)?\/|git@github\.com:)([^/]+)\/([^/]+?)(?:\.git)?\/?$/i.exec(
      url,
    ) ?? [];
  return owner === undefined || name === undefined ? null : `${owner}/${name}`;
}

/** What a clean checkout needs to be tested: dependencies as locked, then the project's own tests. */
function detectVerification(root: string): readonly VerificationCommand[] {
  const manifest = readManifest(join(root, "package.json"));
  const test = manifest?.scripts?.test;
  if (manifest === null || typeof test !== "string" || /no test specified/.test(test)) return [];
  const tool = packageTools.find(({ lock }) => existsSync(join(root, lock)));
  const needsInstall = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }).length > 0;
  const install = tool !== undefined && needsInstall ? [{ name: "install", command: tool.install }] : [];
  return [...install, { name: "test", command: `${tool?.name ?? "npm"} test` }];
}

const packageTools = [
  { lock: "pnpm-lock.yaml", name: "pnpm", install: "pnpm install --frozen-lockfile" },
  { lock: "yarn.lock", name: "yarn", install: "yarn install" },
  { lock: "package-lock.json", name: "npm", install: "npm ci" },
] as const;

interface Manifest {
  readonly scripts?: { readonly test?: unknown };
  readonly dependencies?: object;
  readonly devDependencies?: object;
}

function readManifest(file: string): Manifest | null {
  try {
    const manifest = JSON.parse(readFileSync(file, "utf8")) as unknown;
    return typeof manifest === "object" && manifest !== null ? manifest : null;
  } catch {
    return null; // none, or not readable: nothing to detect, and nothing the profile depends on
  }
}

/** The first line git prints; null when it fails. Nobody's configuration but the repository's own has a say. */
function git(root: string, args: readonly string[], env: NodeJS.ProcessEnv): string | null {
  const { status, stdout, error } = spawnSync("git", ["-c", "core.fsmonitor=false", "-C", root, ...args], {
    encoding: "utf8",
    env: {
      PATH: env.PATH ?? "",
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_TERMINAL_PROMPT: "0",
      LC_ALL: "C",
    },
  });
  if (error !== undefined)
    throw new UserError(`git did not start (${error.message}). Install git, or put it on PATH.`, { cause: error });
  return status === 0 ? stdout.replace(/\n$/, "") : null;
}
