import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import type { CliContext } from "../context.ts";
import { agentLabel, type Served, unitName } from "./served.ts";

export interface ServicePlace {
  readonly kind: "systemd" | "launchd";
  /** Of the unit, or the label. */
  readonly name: string;
  readonly file: string;
}

/** Where a service's file is or would be; null: this system has no services that we know. Asks nobody. */
export function placeOf({ env, platform }: Pick<CliContext, "env" | "platform">, served: Served): ServicePlace | null {
  const system = platform ?? process.platform;
  const home = env.HOME ?? homedir();
  if (system === "linux") {
    const name = unitName(served);
    return { kind: "systemd", name, file: join(configuration(env, home), "systemd", "user", name) };
  }
  if (system !== "darwin") return null;
  const name = agentLabel(served);
  return { kind: "launchd", name, file: join(home, "Library", "LaunchAgents", `${name}.plist`) };
}

const configuration = ({ XDG_CONFIG_HOME }: NodeJS.ProcessEnv, home: string): string =>
  XDG_CONFIG_HOME && isAbsolute(XDG_CONFIG_HOME) ? XDG_CONFIG_HOME : join(home, ".config");
