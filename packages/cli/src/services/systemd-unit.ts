import { servedInWords, theDashboard } from "./served.ts";
import { commandOf, environmentOf, type ServiceMark, type ServicePlan } from "./service-plan.ts";

/** What systemd has learnt since: a key it does not know is a warning at every load. */
const since = { growingPauses: 254 } as const;

/** The first version whose `systemd-notify` waits until its message was taken; before it, one could be lost. */
export const oldestSystemd = 246;

/**
 * Pure. The text of a user unit.
 * - `KillMode=process`: session wrappers live in the unit's cgroup and outlive the daemon; the daemon ends them itself
 *   when it is to. `OOMPolicy=continue`: a test run that ate the memory is no reason to stop the daemon.
 * - `WatchdogSignal=SIGKILL`: what hangs handles no signal, and a core of it is of use to nobody.
 * - `NotifyAccess=all`: the messages come from `systemd-notify` (docs/decisions/0023).
 * - The dashboard has none of these: nothing outlives it, and nothing is lost when it hangs.
 * - 64 and 66 (wrong usage, no such profile) are not healed by another try.
 */
export function systemdUnit(plan: ServicePlan, version: number): string {
  const settings = Object.entries(environmentOf(plan, "systemd"));
  return `# Made by "acp service install"; changes are lost when it is run again. Own settings go into a drop-in:
# systemctl --user edit <this unit>. "acp service uninstall" removes it.
[Unit]
Description=agent-control-plane, ${servedInWords(plan.served)}
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=all
ExecStart=${started(commandOf(plan)).map(argument).join(" ")}
${settings.map(([name, value]) => `Environment=${quoted(`${name}=${value}`)}`).join("\n")}
TimeoutStartSec=180
TimeoutStopSec=${plan.stopWithinSeconds}
${plan.served.part === "dashboard" ? "" : ofDaemon}Restart=on-failure
RestartPreventExitStatus=64 66
${pauses(version)}

[Install]
WantedBy=default.target

[X-AgentControlPlane]
Home=${JSON.stringify(plan.home)}
Serves=${JSON.stringify(plan.served.part === "dashboard" ? dashboardMark : (plan.served.profileId ?? "*"))}
`;
}

const ofDaemon = `WatchdogSec=300
WatchdogSignal=SIGKILL
KillMode=process
OOMPolicy=continue
`;

/** No profile has such a name. */
const dashboardMark = "*dashboard";

/** Pure. Whose unit it is; null: not one of ours. */
export function markOfUnit(text: string): ServiceMark | null {
  const section = text.split(/^(?=\[)/m).find((part) => part.startsWith("[X-AgentControlPlane]\n"));
  const home = jsonText(/^Home=(".*")$/m.exec(section ?? "")?.[1]);
  const serves = jsonText(/^Serves=(".*")$/m.exec(section ?? "")?.[1]);
  if (home === null || serves === null) return null;
  if (serves === dashboardMark) return { home, ...theDashboard };
  return { home, profileId: serves === "*" ? null : serves };
}

/** Pure. Node and our program, as the unit names them. */
export function programsInUnit(text: string): readonly string[] {
  const line = /^ExecStart=(.*)$/m.exec(text)?.[1] ?? "";
  const words = [...line.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, word = ""]) => word);
  const plain = words.map((word, index) => {
    const unquoted = word.replace(/\\(.)/g, "$1").replaceAll("%%", "%");
    return index === 0 ? unquoted : unquoted.replaceAll("$$", "$");
  });
  return plain[0] === byShell[0] ? plain.slice(3, 5) : plain.slice(0, 2);
}

/** systemd takes no program whose name has quotes or backslashes; a shell that becomes it does. */
const started = (command: readonly string[]): readonly string[] =>
  /["'\\]/.test(command[0] ?? "") ? [...byShell, ...command] : command;

const byShell = ["/bin/sh", "-c", 'exec "$0" "$@"'] as const;

/** From 5 seconds up to 5 minutes; a systemd that cannot grow them waits 30 seconds each time. */
const pauses = (version: number): string =>
  version >= since.growingPauses ? "RestartSec=5\nRestartSteps=8\nRestartMaxDelaySec=300" : "RestartSec=30";

/** In double quotes, with `%` doubled because it starts a specifier. */
const quoted = (text: string): string => `"${text.replace(/[\\"]/g, "\\$&").replaceAll("%", "%%")}"`;

/** In a command line `$` starts a variable, but not in the program's own name. */
const argument = (text: string, index: number): string => quoted(index === 0 ? text : text.replaceAll("$", "$$$$"));

function jsonText(found: string | undefined): string | null {
  try {
    const value: unknown = JSON.parse(found ?? "");
    return typeof value === "string" ? value : null;
  } catch {
    return null;
  }
}
