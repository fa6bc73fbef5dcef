import { existsSync } from "node:fs";
import { userInfo } from "node:os";
import type { CliContext } from "../context.ts";
import type { InitSystem, LiveService } from "./init-system.ts";
import { runTool } from "./run-tool.ts";
import { unitName } from "./served.ts";
import { markOfUnit, oldestSystemd, programsInUnit, systemdUnit } from "./systemd-unit.ts";
import { otherWays } from "./wsl.ts";

/** The user's own systemd. */
export function systemd({ env: given }: Pick<CliContext, "env">): InitSystem {
  const env = withRuntimeDir(given);
  const systemctl = (...args: readonly string[]) => ["systemctl", "--user", ...args];
  return {
    kind: "systemd",
    env,
    lacks: () => lacks(env),
    textOf: async (plan) => systemdUnit(plan, (await versionOf(env)) ?? 0),
    markOf: markOfUnit,
    programsIn: programsInUnit,
    look: (served) => look(unitName(served), env),
    logCommand: (served) => `journalctl --user -u ${unitName(served)}`,
    lingers: () => lingers(env),
    install: (served) => [systemctl("daemon-reload"), systemctl("enable", unitName(served))],
    start: (served) => [systemctl("start", unitName(served))],
    stop: (served) => [systemctl("stop", unitName(served))],
    beforeRemoval: (served) => [systemctl("disable", unitName(served))],
    afterRemoval: () => [systemctl("daemon-reload")],
  };
}

/** A shell that was reached by `su` or cron does not say where the user's systemd is; it is always at the same place. */
function withRuntimeDir(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const usual = `/run/user/${userInfo().uid}`;
  return env.XDG_RUNTIME_DIR || !existsSync(usual) ? env : { ...env, XDG_RUNTIME_DIR: usual };
}

async function versionOf(env: NodeJS.ProcessEnv): Promise<number | null> {
  const { stdout } = await runTool(["systemctl", "--version"], env);
  const found = /^systemd (\d+)/.exec(stdout)?.[1];
  return found === undefined ? null : Number(found);
}

async function lacks(env: NodeJS.ProcessEnv): Promise<string | null> {
  const version = await versionOf(env);
  if (version === null) return `This machine has no systemd ("systemctl --version" does not run). ${otherWays(env)}`;
  if (version < oldestSystemd)
    return `systemd ${version} is too old for a service that says when it is ready; ${oldestSystemd} is the oldest that will do. ${otherWays(env)}`;
  if ((await runTool(["systemd-notify", "--version"], env)).code !== 0)
    return `The program systemd-notify is not on the PATH; it comes with systemd. Without it nothing could tell systemd that the daemon lives.`;
  const asked = await runTool(["systemctl", "--user", "show", "--property=Version"], env);
  if (asked.code === 0) return null;
  return `The systemd of your user does not answer (${asked.stderr.split("\n", 1)[0]}). Log in as this user by itself, not through su or sudo, or let its services run without a login: loginctl enable-linger. ${otherWays(env)}`;
}

const properties = [
  ...["ActiveState", "SubState", "UnitFileState", "MainPID", "NRestarts"],
  ...["Result", "StatusText", "ExecMainStatus", "NeedDaemonReload"],
];

async function look(name: string, env: NodeJS.ProcessEnv): Promise<LiveService | null> {
  const { code, stdout } = await runTool(
    ["systemctl", "--user", "show", name, `--property=${properties.join(",")}`],
    env,
  );
  if (code !== 0) return null;
  const found = Object.fromEntries(stdout.split("\n").map((line) => line.split(/=(.*)/s).slice(0, 2)));
  const pid = Number(found.MainPID ?? 0);
  return {
    state: stateOf(found),
    isEnabled: found.UnitFileState === "enabled",
    pid: pid > 0 ? pid : null,
    restarts: Number(found.NRestarts ?? 0),
    detail: stateOf(found) === "stopped" ? null : detailOf(found),
    isStale: found.NeedDaemonReload === "yes",
  };
}

function stateOf({ ActiveState, SubState }: Record<string, string | undefined>): LiveService["state"] {
  if (SubState === "auto-restart") return "waiting";
  if (ActiveState === "active" || ActiveState === "reloading") return "running";
  if (ActiveState === "activating") return "starting";
  if (ActiveState === "deactivating") return "stopping";
  return ActiveState === "failed" ? "failed" : "stopped";
}

function detailOf({ Result, StatusText, ExecMainStatus }: Record<string, string | undefined>): string | null {
  const ended = Result && Result !== "success" ? `ended by ${Result}, status ${ExecMainStatus}` : null;
  return [StatusText || null, ended].filter((one) => one !== null).join("; ") || null;
}

async function lingers(env: NodeJS.ProcessEnv): Promise<boolean | null> {
  const { code, stdout } = await runTool(["loginctl", "show-user", String(userInfo().uid), "--property=Linger"], env);
  if (code !== 0) return null;
  const found = /^Linger=(yes|no)$/m.exec(stdout)?.[1];
  return found === undefined ? null : found === "yes";
}
