import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/** `pid-namespace`: the kernel ends everything with the first process. `process-tree`: we record and kill. */
export type Isolation = "pid-namespace" | "process-tree";

/**
 * What this machine can do, tried once by really running it: user namespaces may be off, /proc may not be mountable
 * inside containers, `unshare` may be missing or old.
 */
export function availableIsolation(): Isolation {
  known ??= namespaceWorks() ? "pid-namespace" : "process-tree";
  return known;
}

/** Only `auto` takes what there is. Throws when a namespace was asked for by name and this machine gives none. */
export function chooseIsolation(wanted: "auto" | Isolation, available = availableIsolation): Isolation {
  if (wanted === "process-tree") return wanted;
  const there = available();
  if (wanted === "auto" || there === wanted) return there;
  throw new Error(
    'The profile asks for execution.isolation "pid-namespace", and this machine gives none: unshare (util-linux) is ' +
      "missing, or the kernel or container forbids user namespaces or mounting /proc in them. Allow them and restart " +
      'the runtime, or set execution.isolation to "auto".',
  );
}

/**
 * The command that runs `file args` in a pid namespace of its own. The shell in between is the namespace's init: it
 * collects zombies, and the program is not process 1 (which ignores TERM unless it asked for it). When the program
 * ends, so does the init, and the kernel kills what is left.
 */
export function inPidNamespace(
  file: string,
  args: readonly string[],
): { readonly file: string; readonly args: string[] } {
  const init = '"$@"; exit $?';
  return {
    file: unshareFile() ?? "unshare",
    args: [...unshareFlags(), "/bin/sh", "-c", init, "acp-init", file, ...args],
  };
}

let known: Isolation | null = null;

function namespaceWorks(): boolean {
  const file = process.platform === "linux" ? unshareFile() : null;
  if (!file) return false;
  // In the namespace the shell is process 1 and sees a /proc that says so.
  const script = 'test "$$" = 1 && test -r /proc/1/stat && test ! -e /proc/$0';
  const tried = spawnSync(file, [...unshareFlags(), "/bin/sh", "-c", script, String(process.pid)], {
    stdio: "ignore",
    timeout: 5_000,
    env: { PATH: "/usr/bin:/bin" },
  });
  return tried.status === 0;
}

function unshareFlags(): readonly string[] {
  const asUser = process.getuid?.() === 0 ? [] : ["--user", "--map-current-user"];
  return [...asUser, "--pid", "--fork", "--kill-child", "--mount-proc"];
}

function unshareFile(): string | null {
  return ["/usr/bin/unshare", "/bin/unshare"].find((path) => existsSync(path)) ?? null;
}
