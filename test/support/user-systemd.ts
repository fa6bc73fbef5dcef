// A real `systemd --user` of its own, in namespaces of its own: it sees no other process and none sees its /run.
import { execFile, execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import type { Ran } from "./product.ts";
import { until } from "./product.ts";

const namespaces = ["-m", "-C", "-p", "-f", "--mount-proc", "--propagation", "private", "--kill-child"];
const programs = ["/usr/lib/systemd/systemd", "/lib/systemd/systemd"];

export interface UserSystemd {
  /** Runs a program beside it, as the user whose systemd it is; never throws for its exit code. */
  run(command: readonly string[], env: NodeJS.ProcessEnv): Promise<Ran>;
  /** The command line that runs a program there, for a terminal of its own; `env` has to be added to its environment. */
  entering(command: readonly string[]): { readonly line: readonly string[]; readonly env: NodeJS.ProcessEnv };
  /** Ends it and everything that was started in it. */
  close(): Promise<void>;
}

/** Why there can be none on this machine; null: there can. */
export function noUserSystemd(): string | null {
  if (process.platform !== "linux") return "this is not Linux";
  if (!programs.some((file) => existsSync(file))) return "systemd is not installed";
  if (process.getuid?.() !== 0) return "only root may make the namespaces";
  const probe = "mount -t tmpfs tmpfs /run && mount -t cgroup2 none /sys/fs/cgroup";
  const tried = spawnSync("unshare", [...namespaces, "/bin/sh", "-c", probe], { encoding: "utf8", timeout: 20_000 });
  return tried.status === 0 ? null : `no namespaces here: ${(tried.stderr || String(tried.error)).trim()}`;
}

const runtimeDir = "/run/user/0";

/** The shell stays its parent, ends what is left, and takes its control group away again. */
const script = `
set -e
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/system ${runtimeDir}
chmod 700 ${runtimeDir}
mount -t cgroup2 none /sys/fs/cgroup
group=/sys/fs/cgroup/$2
mkdir "$group"
echo 0 > "$group/cgroup.procs"
env -i XDG_RUNTIME_DIR=${runtimeDir} HOME="$1" PATH="$PATH" "$3" --user >&2 &
echo 0 > /sys/fs/cgroup/cgroup.procs
echo made
read _ || true
kill "$!" || true
for wait in 1 2 3 4 5 6 7 8 9 10; do kill -0 "$!" 2>/dev/null || break; sleep 0.2; done
for each in /proc/[0-9]*; do each=\${each#/proc/}; test "$each" = 1 || kill -9 "$each" 2>/dev/null || true; done
sleep 0.2
find "$group" -depth -type d -exec rmdir {} \\;
`;

/** `home`: where its user's units are. */
export async function startUserSystemd(home: string): Promise<UserSystemd> {
  const program = programs.find((file) => existsSync(file)) ?? "";
  const args = [...namespaces, "/bin/sh", "-c", script, "sh", home, `acp-test-${process.pid}`, program];
  const child = spawn("unshare", args, { stdio: ["pipe", "pipe", "pipe"] });
  const ended = new Promise<void>((done) => child.once("close", () => done()));
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text) => (said += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (said += text));
  const close = async () => {
    child.stdin.end("\n");
    const kill = setTimeout(() => child.kill("SIGKILL"), 20_000);
    await ended;
    clearTimeout(kill);
  };
  try {
    await until("the namespaces are made", async () => said.includes("made"), 20_000);
    const shell = execFileSync("ps", ["-o", "pid=", "--ppid", String(child.pid)], { encoding: "utf8" }).trim();
    const run: UserSystemd["run"] = (command, env) => inside(shell, command, env);
    await until("systemd answers", async () => (await run(["systemctl", "--user", "show"], {})).code === 0, 20_000);
    const entering: UserSystemd["entering"] = (command) => ({
      line: ["nsenter", ...into(shell), ...command],
      env: { XDG_RUNTIME_DIR: runtimeDir },
    });
    return { run, entering, close };
  } catch (error) {
    await close();
    throw new Error(`${(error as Error).message}\n${said}`);
  }
}

const into = (shell: string) => ["--target", shell, "--mount", "--pid", "--cgroup", "--"];

function inside(shell: string, command: readonly string[], env: NodeJS.ProcessEnv): Promise<Ran> {
  const args = [...into(shell), ...command];
  const own = { PATH: process.env.PATH, ...env, XDG_RUNTIME_DIR: runtimeDir };
  return new Promise((done) => {
    execFile("nsenter", args, { env: own, cwd: "/", timeout: 120_000 }, (error, stdout, stderr) =>
      done({ code: error ? (typeof error.code === "number" ? error.code : 1) : 0, stdout, stderr }),
    );
  });
}
