import { spawnSync } from "node:child_process";
import { realpathSync, statSync } from "node:fs";
import { UserError } from "@agent-control-plane/core";
import { type DetectedVerification, detectVerification } from "./detect-verification.ts";

export interface InspectedRepository {
  /** Without symbolic links. */
  readonly root: string;
  /** `owner/name` when origin is on github.com. */
  readonly slug: string | null;
  /** Of origin; null: there is no origin, or it is a path. */
  readonly originHost: string | null;
  /** `owner/name` at the end of origin's address, whatever its host. */
  readonly originSlug: string | null;
  /** As far as the checkout knows; null: it has no commit, or its head is detached. */
  readonly defaultBranch: string | null;
  /** Its head names a commit; without one there is nothing to work from. */
  readonly hasCommit: boolean;
  /** Paths that are changed or new and in no commit; agents do not see them. */
  readonly uncommitted: readonly string[];
  readonly verification: DetectedVerification;
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
  return {
    root,
    slug: origin === null ? null : githubSlug(origin),
    originHost: origin === null ? null : hostOf(origin),
    originSlug: origin === null ? null : slugAtEnd(origin),
    defaultBranch: defaultBranchOf(root, env),
    hasCommit: git(root, ["rev-parse", "--verify", "--quiet", "HEAD^{commit}"], env) !== null,
    uncommitted: uncommittedIn(root, env),
    verification: detectVerification(root),
  };
}

/** `owner/name` of a github.com address in any of its spellings, else null. */
export function githubSlug(url: string): string | null {
  const [, owner, name] =
    /^(?:https?:\/\/(?:[^@/]*@)?github\.com\/|ssh:\/\/git@github\.com(?::\d+)?\/|git@github\.com:)([^/]+)\/([^/]+?)(?:\.git)?\/?$/i.exec(
      url,
    ) ?? [];
  return owner === undefined || name === undefined ? null : `${owner}/${name}`;
}

/** Of an address in any spelling; null: it names no host. */
function hostOf(url: string): string | null {
  return /^(?:[a-z+]+:\/\/)?(?:[^@/]*@)?([A-Za-z0-9.-]+)(?::|\/)/.exec(url)?.[1]?.toLowerCase() ?? null;
}

function slugAtEnd(url: string): string | null {
  const [, owner, name] = /[:/]([A-Za-z0-9_.-]+)\/([A-Za-z0-9_.-]+?)(?:\.git)?\/?$/.exec(url) ?? [];
  return owner === undefined || name === undefined ? null : `${owner}/${name}`;
}

/** What origin calls its main branch; else the branch that is checked out. */
function defaultBranchOf(root: string, env: NodeJS.ProcessEnv): string | null {
  const head = git(root, ["symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD"], env);
  return head?.replace(/^origin\//, "") ?? git(root, ["symbolic-ref", "--quiet", "--short", "HEAD"], env);
}

/** Not even git's index is refreshed: the checkout is only read. */
function uncommittedIn(root: string, env: NodeJS.ProcessEnv): readonly string[] {
  const listed = git(root, ["--no-optional-locks", "status", "--porcelain", "-z", "--no-renames"], env) ?? "";
  return listed.split("\0").flatMap((line) => (line === "" ? [] : [line.slice(3)]));
}

/** The top folder of the checkout that `folder` lies in; null: in none. */
export function topFolder(folder: string, env: NodeJS.ProcessEnv): string | null {
  return git(folder, ["rev-parse", "--show-toplevel"], env);
}

/** What git prints; null when it fails. Nobody's configuration but the repository's own has a say. */
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
