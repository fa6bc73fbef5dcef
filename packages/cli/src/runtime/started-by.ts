import { serviceVariable } from "../services/service-plan.ts";

/** The init system that started this process as a service; null: somebody else did. */
export function startedBy(env: NodeJS.ProcessEnv): "systemd" | "launchd" | null {
  const named = env[serviceVariable];
  return named === "systemd" || named === "launchd" ? named : null;
}

const ofStarter = [
  serviceVariable,
  "NOTIFY_SOCKET",
  "WATCHDOG_USEC",
  "WATCHDOG_PID",
  "INVOCATION_ID",
  "JOURNAL_STREAM",
];

/** The environment without what an init system says to its service alone. */
export function withoutStarter(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !ofStarter.includes(name)));
}
