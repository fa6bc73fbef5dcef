import { availableParallelism } from "node:os";
import { isAbsolute } from "node:path";
import { execa } from "execa";
import { classifyGitFailure, GitError, redactSecrets } from "./git-error.ts";
import { type GitRemote, remoteAccess } from "./git-remote.ts";

export interface HostGitOptions {
  /** Named always: git never searches for a repository. Without it the command has none. */
  readonly gitDir?: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Uint8Array;
  /** Default one minute, ten with a remote. */
  readonly timeoutMs?: number;
  readonly remote?: GitRemote;
  /** Exit codes that are answers. Default 0. */
  readonly okCodes?: readonly number[];
  /** Cut the output here instead of failing. */
  readonly maxBytes?: number;
}

export interface HostGitResult {
  readonly exitCode: number;
  readonly stdout: Buffer;
  readonly stderr: string;
  readonly truncated: boolean;
}

/**
 * Runs git so that nothing found on the machine or in a repository can make it execute anything: environment and
 * configuration are ours alone, there is no prompt, no hook, no helper, and only named protocols.
 * Throws `GitError`.
 */
export async function hostGit(args: readonly string[], options: HostGitOptions = {}): Promise<HostGitResult> {
  const access = options.remote ? remoteAccess(options.remote) : localOnly;
  const subprocess = execa("git", args, {
    cwd: options.cwd ?? "/",
    env: {
      ...hostEnv(options.gitDir ?? "/dev/null", access.protocols, [...hardening, ...access.config]),
      ...(options.remote ? networkEnv() : {}),
      ...options.env,
    },
    extendEnv: false,
    ...(options.input === undefined ? { stdin: "ignore" as const } : { input: options.input }),
    encoding: "buffer",
    maxBuffer: { stdout: options.maxBytes ?? 512 * 1024 * 1024, stderr: 16 * 1024 * 1024 },
    stripFinalNewline: false,
    reject: false,
    // Its own group: git's transport helpers must end with it.
    detached: true,
  });
  const limit = endGroupAfter(subprocess.pid, options.timeoutMs ?? (options.remote ? 600_000 : 60_000));
  const result = await subprocess;
  const timedOut = limit.cancel();

  const stderr = redactSecrets(Buffer.from(result.stderr ?? "").toString("utf8"), access.secrets);
  const truncated = result.isMaxBuffer === true && options.maxBytes !== undefined;
  const exitCode = truncated ? 0 : result.exitCode;
  if (exitCode !== undefined && (options.okCodes ?? [0]).includes(exitCode) && !timedOut) {
    return { exitCode, stdout: Buffer.from(result.stdout ?? ""), stderr, truncated };
  }
  const step = `git ${args[0] ?? ""}`;
  if (timedOut) throw new GitError("timeout", `${step} did not end in time`);
  const said = stderr.trim() || (result.failed ? redactSecrets(result.shortMessage ?? "", access.secrets) : "");
  throw new GitError(classifyGitFailure(said), `${step} failed (exit ${exitCode ?? result.signal ?? "?"}): ${said}`);
}

/** Standard output as text without its last newline. */
export async function hostGitText(args: readonly string[], options: HostGitOptions = {}): Promise<string> {
  return (await hostGit(args, options)).stdout.toString("utf8").replace(/\n$/, "");
}

const localOnly = { config: [], protocols: "file", secrets: [] } as const;

/** Given as environment so that they outrank every file and stay out of the process list. */
const hardening: readonly (readonly [string, string])[] = [
  ["core.hooksPath", "/dev/null"],
  ["core.fsmonitor", "false"],
  ["core.untrackedCache", "false"],
  ["core.attributesFile", "/dev/null"],
  ["core.excludesFile", "/dev/null"],
  ["core.askPass", ""],
  ["core.sshCommand", "false"],
  ["core.gitProxy", ""],
  ["core.alternateRefsCommand", "true"],
  ["core.editor", "false"],
  ["core.pager", "cat"],
  // A commit graph is a cache that can lie about parents.
  ["core.commitGraph", "false"],
  ["core.safecrlf", "false"],
  ["advice.graftFileDeprecated", "false"],
  ["core.quotePath", "false"],
  ["credential.helper", ""],
  ["diff.external", ""],
  ["diff.ignoreSubmodules", "all"],
  ["submodule.recurse", "false"],
  ["fetch.recurseSubmodules", "false"],
  ["push.recurseSubmodules", "no"],
  ["push.gpgSign", "false"],
  ["push.followTags", "false"],
  ["commit.gpgSign", "false"],
  ["gc.auto", "0"],
  ["maintenance.auto", "false"],
  ["uploadpack.packObjectsHook", ""],
  ["safe.directory", "*"],
  // A large checkout waits for the disk, not for us.
  ["checkout.workers", String(Math.min(availableParallelism(), 8))],
  ["http.lowSpeedLimit", "1000"],
  ["http.lowSpeedTime", "60"],
];

function hostEnv(
  gitDir: string,
  protocols: string,
  config: readonly (readonly [string, string])[],
): Record<string, string> {
  const env: Record<string, string> = {
    PATH: absolutePath(),
    // Not an empty folder: somebody could put a .netrc there.
    HOME: "/dev/null",
    GIT_DIR: gitDir,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_ATTR_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    GIT_ASKPASS: "",
    GIT_OPTIONAL_LOCKS: "0",
    GIT_NO_REPLACE_OBJECTS: "1",
    GIT_NO_LAZY_FETCH: "1",
    GIT_GRAFT_FILE: "/dev/null",
    GIT_LITERAL_PATHSPECS: "1",
    GIT_ALLOW_PROTOCOL: protocols,
    LC_ALL: "C",
    GIT_CONFIG_COUNT: String(config.length),
  };
  config.forEach(([key, value], i) => {
    env[`GIT_CONFIG_KEY_${i}`] = key;
    env[`GIT_CONFIG_VALUE_${i}`] = value;
  });
  return env;
}

/** A relative entry would find programs in whatever folder git works in. */
function absolutePath(): string {
  return (process.env.PATH ?? "/usr/bin:/bin").split(":").filter(isAbsolute).join(":");
}

/** How this host reaches the network; only for commands that do. */
function networkEnv(): Record<string, string> {
  const names = ["HTTPS_PROXY", "https_proxy", "http_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"];
  const certificates = ["SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO", "CURL_CA_BUNDLE"];
  return Object.fromEntries(
    [...names, ...certificates].flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** Ends the process group after `ms`: asked first, then killed. `cancel` says whether it had to. */
function endGroupAfter(pid: number | undefined, ms: number): { cancel(): boolean } {
  let timedOut = false;
  let kill: NodeJS.Timeout | undefined;
  const signal = (name: NodeJS.Signals) => {
    try {
      if (pid !== undefined) process.kill(-pid, name);
    } catch {
      // Already gone.
    }
  };
  const ask = setTimeout(() => {
    timedOut = true;
    signal("SIGTERM");
    kill = setTimeout(() => signal("SIGKILL"), 2_000);
  }, ms);
  return {
    cancel() {
      clearTimeout(ask);
      clearTimeout(kill);
      if (timedOut) signal("SIGKILL");
      return timedOut;
    },
  };
}
