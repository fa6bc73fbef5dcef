import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { recordExchanges } from "@agent-control-plane/testkit/github-contract";
import { expect, onTestFinished } from "vitest";
import { type LocalForge, type LocalForgeOptions, startLocalForge } from "../../src/index.ts";

const execute = promisify(execFile);

/** A temporary folder that goes with the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "local-forge-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests reach into answers of many shapes and assert what they find
  readonly body: any;
}

export type Ask = (
  method: string,
  path: string,
  options?: { body?: unknown; headers?: Record<string, string>; token?: string },
) => Promise<Answer>;

/** A running forge, each of its answers held against GitHub's description, with the repository `maya/demo`: maya owns it, `robot` may write, `guest` may read. */
export interface Scene {
  readonly forge: LocalForge;
  readonly folder: string;
  readonly maya: string;
  readonly robot: string;
  readonly guest: string;
  /** Asks as maya when no token is given. Paths without `/` at the start are under the repository. */
  readonly ask: Ask;
}

export async function startScene(options: Partial<LocalForgeOptions> = {}): Promise<Scene> {
  const folder = temporaryFolder();
  const record = recordExchanges({ exceptRefused: true });
  const forge = await startLocalForge({ dataDir: join(folder, "forge"), onExchange: record.onExchange, ...options });
  onTestFinished(() => expect(record.problems(), "against GitHub's description").toEqual([]));
  onTestFinished(() => forge.close());
  for (const login of ["maya", "robot", "guest"]) forge.createUser({ login });
  await forge.createRepository({ owner: "maya", name: "demo" });
  forge.setPermission("maya/demo", "robot", "write");
  forge.setPermission("maya/demo", "guest", "read");
  const token = (login: string) => forge.createToken({ login });
  const maya = token("maya");
  return { forge, folder, maya, robot: token("robot"), guest: token("guest"), ask: askerOf(forge, maya) };
}

export function askerOf(forge: Pick<LocalForge, "apiUrl">, defaultToken: string): Ask {
  return async (method, path, { body, headers, token } = {}) => {
    const rooted = path.startsWith("/") ? path : `/repos/maya/demo${path === "" ? "" : `/${path}`}`;
    const response = await fetch(`${forge.apiUrl}${rooted}`, {
      method,
      headers: { authorization: `Bearer ${token ?? defaultToken}`, accept: "application/vnd.github+json", ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const json = response.headers.get("content-type")?.includes("json") && text !== "";
    return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text };
  };
}

/** Git as a person would run it, with nothing of this machine's configuration. */
export function gitIn(cwd: string, home: string) {
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, ".gitconfig"), "[maintenance]\n\tauto = false\n");
  const env = {
    PATH: process.env.PATH ?? "",
    HOME: home,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    GIT_AUTHOR_NAME: "Maya",
    GIT_AUTHOR_EMAIL: "maya@example.org",
    GIT_COMMITTER_NAME: "Maya",
    GIT_COMMITTER_EMAIL: "maya@example.org",
  };
  return async (...args: string[]): Promise<string> =>
    (await execute("git", args, { cwd, env, maxBuffer: 1 << 26 })).stdout.trim();
}

export interface Clone {
  readonly path: string;
  readonly git: (...args: string[]) => Promise<string>;
  /** Commits the files on the branch (made from `main` when it is new) and pushes it; answers the SHA. */
  push(branch: string, files: Record<string, string>, message?: string): Promise<string>;
}

export function authorised(forge: LocalForge, token: string): string {
  return forge.gitUrl.replace("http://", `http://x-access-token:${token}@`);
}

/** A clone of `maya/demo` with a first commit on `main` when the repository was empty. */
export async function cloneScene(scene: Scene): Promise<Clone> {
  const path = join(scene.folder, `clone-${Math.random().toString(36).slice(2)}`);
  const home = join(scene.folder, "home");
  await gitIn(scene.folder, home)("clone", "--quiet", `${authorised(scene.forge, scene.maya)}/maya/demo.git`, path);
  const git = gitIn(path, home);
  const commit = async (files: Record<string, string>, message: string) => {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
    await git("add", "--all");
    await git("commit", "--quiet", "-m", message);
  };
  const push = async (branch: string, files: Record<string, string>, message = `Change ${branch}`) => {
    const known = await git("branch", "--list", branch);
    if (branch !== "main")
      await git(...(known === "" ? ["checkout", "-q", "-b", branch, "main"] : ["checkout", "-q", branch]));
    else if (known !== "") await git("checkout", "-q", "main");
    await commit(files, message);
    await git("push", "--quiet", "origin", `${branch}:${branch}`);
    return git("rev-parse", "HEAD");
  };
  if ((await git("branch", "--list", "main")) === "") await push("main", { "readme.md": "first\n" }, "First commit");
  return { path, git, push };
}
