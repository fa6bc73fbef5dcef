import { userInfo } from "node:os";
import type { CliContext } from "../context.ts";
import type { InitSystem, LiveService } from "./init-system.ts";
import { launchAgent, markOfAgent, parseLaunchAgent } from "./launch-agent.ts";
import { placeOf } from "./places.ts";
import { runTool } from "./run-tool.ts";
import { agentLabel, type Served } from "./served.ts";
import { serviceLog } from "./service-plan.ts";

/** The user's own launchd, while the user is logged in. */
export function launchd({ env }: Pick<CliContext, "env">): InitSystem {
  const domain = `gui/${userInfo().uid}`;
  const target = (served: Served) => `${domain}/${agentLabel(served)}`;
  const fileOf = (served: Served) => placeOf({ env, platform: "darwin" }, served)?.file ?? "";
  const stop = (served: Served) => [["launchctl", "bootout", target(served)]];
  return {
    kind: "launchd",
    env,
    lacks: async () => {
      const asked = await runTool(["launchctl", "print", domain], env);
      if (asked.code === 0) return null;
      return `launchd has no session of this user (${asked.stderr.split("\n", 1)[0]}). Log in at the Mac itself, or by its screen sharing, and run it there.`;
    },
    textOf: async (plan) => launchAgent(plan),
    markOf: markOfAgent,
    programsIn: (text) => parseLaunchAgent(text)?.ProgramArguments.slice(0, 2) ?? [],
    look: (served) => look(target(served), env),
    logCommand: (_, home) => `tail "${serviceLog(home)}"`,
    lingers: async () => null,
    install: (served) => [["launchctl", "enable", target(served)]],
    // What is loaded is of the file as it was then, so it is loaded anew.
    start: (served, live) => [
      ...(live === null ? [] : stop(served)),
      ["launchctl", "bootstrap", domain, fileOf(served)],
      ["launchctl", "kickstart", target(served)],
    ],
    stop,
    beforeRemoval: () => [],
    afterRemoval: () => [],
  };
}

/** Of what `launchctl print` shows, the few lines that have stood there for years; it is made for people. */
async function look(target: string, env: NodeJS.ProcessEnv): Promise<LiveService | null> {
  const { code, stdout } = await runTool(["launchctl", "print", target], env);
  if (code !== 0) return null;
  const shown = (name: string) => new RegExp(`^\\s*${name} = (.*)$`, "m").exec(stdout)?.[1]?.trim() ?? null;
  const pid = Number(shown("pid") ?? 0);
  const lastExit = shown("last exit code");
  const isBad = lastExit !== null && /^[1-9-]/.test(lastExit);
  const isRunning = shown("state") === "running";
  return {
    state: isRunning ? "running" : isBad ? "waiting" : "stopped",
    isEnabled: true,
    pid: pid > 0 ? pid : null,
    restarts: null,
    detail: isBad && !isRunning ? `ended with ${lastExit}` : null,
    isStale: false,
  };
}
