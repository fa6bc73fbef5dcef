import { existsSync, readFileSync } from "node:fs";
import type { CliContext } from "../context.ts";
import { type InitSystem, type LiveService, loadInitSystem } from "./init-system.ts";
import { placeOf } from "./places.ts";
import { isSameService, type Served, servedFlags } from "./served.ts";

export interface ServiceProblem {
  readonly found: string;
  readonly fix: string;
  /** What heals it; null: only a person can. */
  readonly command: string | null;
}

/** What there is of a service, on disk and in the init system. */
export interface ServiceState extends Served {
  /** Null: this system has no services that we know. */
  readonly kind: InitSystem["kind"] | null;
  readonly name: string | null;
  readonly file: string | null;
  /** `foreign`: a file of its name is there and is not ours. `unknown`: the init system does not answer. */
  readonly state: LiveService["state"] | "not-installed" | "foreign" | "unknown";
  readonly installed: boolean;
  readonly enabled: boolean;
  readonly running: boolean;
  readonly pid: number | null;
  readonly restarts: number | null;
  readonly detail: string | null;
  /** Whether it runs while nobody is logged in; null: cannot be told. */
  readonly lingers: boolean | null;
  readonly problems: readonly ServiceProblem[];
}

const lingerCommand = "loginctl enable-linger";

/** Nothing is installed, or it runs; that it ends at logout is for a person to like or not. */
export const isWell = ({ installed, running, problems }: ServiceState): boolean =>
  problems.every(({ command }) => command === lingerCommand) && (running || !installed);

/** Reads only, and starts no process when nothing is installed. */
export async function readServiceState(
  context: Pick<CliContext, "env" | "home" | "clock" | "platform">,
  served: Served,
): Promise<ServiceState> {
  const place = placeOf(context, served);
  if (place === null) return { ...bare(served), kind: null, name: null, file: null };
  if (!existsSync(place.file)) return { ...bare(served), ...place };
  const text = readFileSync(place.file, "utf8");
  const system = await loadInitSystem(context, place.kind);
  const owner = ownerOf(text, served, context.home, system);
  if (owner !== "ours") {
    const fix = "Look at it, and move it away if it is not needed.";
    return { ...bare(served), ...place, state: "foreign", problems: [{ found: owner, fix, command: null }] };
  }
  const live = await system.look(served);
  const lingers = await system.lingers();
  return {
    ...bare(served),
    ...place,
    ...{ installed: true, enabled: live?.isEnabled ?? false, running: live?.state === "running", lingers },
    state: live?.state ?? (system.kind === "launchd" ? "stopped" : "unknown"),
    pid: live?.pid ?? null,
    restarts: live?.restarts ?? null,
    detail: live?.detail ?? null,
    problems: serviceProblems({
      served,
      live,
      lingers,
      isSystemd: system.kind === "systemd",
      missing: system.programsIn(text).filter((program) => !existsSync(program)),
    }),
  };
}

/** "ours", or in words what else a file is that lies where ours would. */
export function ownerOf(text: string, served: Served, home: string, system: Pick<InitSystem, "markOf">): string {
  const mark = system.markOf(text);
  if (mark === null || !isSameService(mark, served)) return 'a file that "acp service install" did not write';
  return mark.home === home ? "ours" : `the service of another runtime home, ${mark.home}`;
}

/** Pure. What is not well with a service that is installed. */
function serviceProblems(facts: {
  readonly served: Served;
  readonly live: LiveService | null;
  readonly lingers: boolean | null;
  readonly isSystemd: boolean;
  readonly missing: readonly string[];
}): readonly ServiceProblem[] {
  const { live, lingers, missing, isSystemd } = facts;
  const install = `acp service install ${servedFlags(facts.served).join(" ")}`;
  const again = "Install the service again.";
  const problems: ServiceProblem[] = missing.map((program) => {
    return { found: `it starts ${program}, which is not there`, fix: again, command: install };
  });
  if (live === null && isSystemd) {
    const fix = "Log in as this user by itself, not through su or sudo.";
    return [...problems, { found: "the systemd of this user does not answer", fix, command: null }];
  }
  if (live?.isStale) problems.push({ found: "its file was changed and not read since", fix: again, command: install });
  if (live && !live.isEnabled)
    problems.push({ found: "it does not start at the next login", fix: again, command: install });
  if (live?.state === "failed" || live?.state === "waiting") {
    const start =
      facts.served.part === "dashboard" ? install : `acp runtime start ${servedFlags(facts.served).join(" ")}`;
    const fix = `${live.state === "waiting" ? "It is tried again soon. " : ""}Heal what it says, then start it.`;
    problems.push({ found: live.detail ?? "it ended badly", fix, command: start });
  }
  if (lingers === false) {
    const found = `it ends when you log out${facts.served.part === "dashboard" ? "" : ", and its sessions with it"}`;
    problems.push({ found, fix: "Let your services run without a login.", command: lingerCommand });
  }
  return problems;
}

const bare = ({ profileId, part }: Served) =>
  ({
    profileId,
    ...(part === undefined ? {} : { part }),
    state: "not-installed",
    installed: false,
    enabled: false,
    running: false,
    pid: null,
    restarts: null,
    detail: null,
    lingers: null,
    problems: [],
  }) as const;
