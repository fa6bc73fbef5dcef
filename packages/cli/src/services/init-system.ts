import type { CliContext } from "../context.ts";
import { placeOf } from "./places.ts";
import type { Served } from "./served.ts";
import type { ServiceMark, ServicePlan } from "./service-plan.ts";

/** What the init system says of a service, now. */
export interface LiveService {
  /** `waiting`: it ended badly and is started again soon. */
  readonly state: "stopped" | "starting" | "running" | "stopping" | "failed" | "waiting";
  readonly isEnabled: boolean;
  readonly pid: number | null;
  /** How often it was started again by itself; null: not counted. */
  readonly restarts: number | null;
  /** What it last said of itself, or how it ended. */
  readonly detail: string | null;
  /** The file was changed and the init system has not read it since. */
  readonly isStale: boolean;
}

type CommandLine = readonly string[];

/** systemd or launchd. What is done to a service is a list of commands, so that it can be shown and not done. */
export interface InitSystem {
  readonly kind: "systemd" | "launchd";
  readonly env: NodeJS.ProcessEnv;
  /** What keeps a service from being installed here, with what to do; null: nothing. */
  lacks(): Promise<string | null>;
  textOf(plan: ServicePlan): Promise<string>;
  markOf(text: string): ServiceMark | null;
  /** The programs that the file names, absolute: node and ours. */
  programsIn(text: string): readonly string[];
  /** Null: it cannot be asked, or knows nothing of it. */
  look(served: Served): Promise<LiveService | null>;
  /** How a person reads what it printed. */
  logCommand(served: Served, home: string): string;
  /** Whether it runs while nobody is logged in; null: cannot be told, or has no such thing. */
  lingers(): Promise<boolean | null>;
  /** After its file was written. */
  install(served: Served): readonly CommandLine[];
  start(served: Served, live: LiveService | null): readonly CommandLine[];
  stop(served: Served): readonly CommandLine[];
  /** Before its file is removed, and after. */
  beforeRemoval(served: Served): readonly CommandLine[];
  afterRemoval(served: Served): readonly CommandLine[];
}

/** Loaded when there is something to ask it: most commands find no service. */
export async function loadInitSystem(context: Pick<CliContext, "env">, kind: InitSystem["kind"]): Promise<InitSystem> {
  if (kind === "systemd") return (await import("./systemd.ts")).systemd(context);
  return (await import("./launchd.ts")).launchd(context);
}

/** The one of this system; null: it has neither. */
export async function initSystem(context: Pick<CliContext, "env" | "platform">): Promise<InitSystem | null> {
  const place = placeOf(context, { profileId: null });
  return place === null ? null : loadInitSystem(context, place.kind);
}
