import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface GitResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Git with nothing of the host in it: no system or personal configuration, no hooks, no prompts.
 * `home` holds the only configuration it reads.
 */
export interface Git {
  readonly environment: Readonly<Record<string, string>>;
  /** Any exit code is a value. Rejects only when git cannot be started. */
  attempt(cwd: string, args: readonly string[], options?: GitOptions): Promise<GitResult>;
  /** The output of a command that must succeed; throws with git's own words otherwise. */
  output(cwd: string, args: readonly string[], options?: GitOptions): Promise<string>;
}

export interface GitOptions {
  readonly input?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

export function createGit(home: string): Git {
  mkdirSync(home, { recursive: true });
  // Repositories given for import belong to anyone; `safe.directory` is honoured only from this level of configuration.
  // Git tidies up within a push now and then: in the background it would outlive the forge.
  writeFileSync(join(home, ".gitconfig"), configuration);
  const environment = {
    PATH: process.env.PATH ?? "/usr/local/bin:/usr/bin:/bin",
    HOME: home,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    LC_ALL: "C",
  };
  const attempt = (cwd: string, args: readonly string[], options: GitOptions = {}) =>
    runGit(cwd, args, { ...environment, ...options.environment }, options.input ?? "");
  const output = async (cwd: string, args: readonly string[], options?: GitOptions) => {
    const result = await attempt(cwd, args, options);
    if (result.code === 0) return result.stdout;
    throw new Error(`git ${args[0]} in ${cwd} ended with ${result.code}: ${result.stderr.trim()}`);
  };
  return { environment, attempt, output };
}

const configuration = `[safe]
\tdirectory = *
[core]
\thooksPath = /dev/null
[gc]
\tautoDetach = false
`;

function runGit(
  cwd: string,
  args: readonly string[],
  environment: Record<string, string>,
  input: string,
): Promise<GitResult> {
  return new Promise((resolve, reject) => {
    const child = spawn("git", args, { cwd, env: environment, stdio: ["pipe", "pipe", "pipe"] });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on("data", (chunk) => stdout.push(chunk));
    child.stderr.on("data", (chunk) => stderr.push(chunk));
    child.stdin.on("error", () => {}); // git may end without reading; its exit code tells
    child.on("error", reject);
    child.on("close", (code) =>
      resolve({
        code: code ?? 128,
        stdout: Buffer.concat(stdout).toString("utf8"),
        stderr: Buffer.concat(stderr).toString("utf8"),
      }),
    );
    child.stdin.end(input);
  });
}
