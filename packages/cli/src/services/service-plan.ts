import { join } from "node:path";
import type { Served } from "./served.ts";

/** Everything a unit or an agent file is made of. No secret is in it: those are read by the daemon, from the profile. */
export interface ServicePlan {
  readonly served: Served;
  /** The port of the dashboard, where it is the dashboard's. */
  readonly port?: number;
  /** The runtime home. */
  readonly home: string;
  /** Absolute. `cli` goes through `current`, so that another version needs no other file. */
  readonly program: { readonly node: string; readonly cli: string };
  /** Of the daemon and of everything it starts. */
  readonly path: string;
  /** How long a stop may take before what is left of the daemon is killed: the drain and what follows it. */
  readonly stopWithinSeconds: number;
  /** Where what the daemon prints goes, if the init system keeps no journal. */
  readonly printed: string;
}

/** In the file's environment: by it we know a file that we made, and whose it is. */
export interface ServiceMark extends Served {
  readonly home: string;
}

/** Tells the daemon who started it. */
export const serviceVariable = "ACP_SERVICE";

export const environmentOf = (plan: ServicePlan, kind: "systemd" | "launchd"): Readonly<Record<string, string>> => ({
  [serviceVariable]: kind,
  AGENT_RUNTIME_HOME: plan.home,
  PATH: plan.path,
});

export const commandOf = ({ program, served, port }: ServicePlan): readonly string[] => [
  program.node,
  program.cli,
  ...(served.part === "dashboard"
    ? ["dashboard", "--port", String(port)]
    : ["runtime", "run", ...(served.profileId === null ? ["--all"] : ["--profile-id", served.profileId])]),
];

/** What a daemon that launchd started prints; systemd has a journal for it. What it does stands in runtime.log. */
export const serviceLog = (home: string): string => join(home, "logs", "service.log");
