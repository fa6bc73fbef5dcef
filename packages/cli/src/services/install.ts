import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { listProfileIds, UserError } from "@agent-control-plane/core";
import { writeAtomically } from "@agent-control-plane/runners";
import type { CliContext } from "../context.ts";
import { liveDaemons } from "../runtime/daemons.ts";
import { stopDaemons } from "../runtime/stop-daemon.ts";
import { withStore } from "../store/with-store.ts";
import { carryOut, tryOut } from "./carry-out.ts";
import { servicesOf } from "./find-services.ts";
import { type InitSystem, loadInitSystem } from "./init-system.ts";
import { planService } from "./make-plan.ts";
import { placeOf } from "./places.ts";
import { ownerOf, readServiceState, type ServiceState } from "./read-service-state.ts";
import { type Served, servedFlags, servedInWords } from "./served.ts";
import type { FoundTool } from "./service-path.ts";
import { startService } from "./start-services.ts";

export interface InstalledService {
  /** What was done to the file; with `dryRun`, what would be. */
  readonly status: "installed" | "updated" | "unchanged";
  readonly dryRun: boolean;
  /** The text of the file. */
  readonly text: string;
  /** What is run after it was written; empty: nothing needs to be. */
  readonly commands: readonly string[];
  readonly program: string;
  readonly path: string;
  readonly tools: readonly FoundTool[];
  readonly hints: readonly string[];
  readonly service: ServiceState;
}

/**
 * Writes the service's file, has the init system read it, and starts it; a daemon that serves the same and was started
 * by hand leaves its sessions to it. Safe to repeat: what is well already is not touched. Throws `UserError` before
 * anything is changed when it cannot be installed.
 */
export async function installService(
  context: CliContext,
  served: Served,
  { dryRun, port }: { readonly dryRun: boolean; readonly port?: number },
): Promise<InstalledService> {
  const place = placeOf(context, served);
  if (place === null)
    throw new UserError(
      `Services are made for systemd (Linux, WSL) and launchd (macOS), and this is neither. "acp runtime start" runs it in the background.`,
      { exitCode: 1 },
    );
  const system = await loadInitSystem(context, place.kind);
  const { plan, tools, hints } = planService(context, served, system.kind, port);
  const lacking = await system.lacks();
  if (lacking !== null && !dryRun) throw new UserError(lacking, { exitCode: 1 });
  const before = await readServiceState(context, served);
  const { file } = place;
  const old = existsSync(file) ? readFileSync(file, "utf8") : null;
  if (old !== null) refuseForeign(file, ownerOf(old, served, context.home, system));
  if (served.part === undefined) await refuseTwice(context, served);

  const text = await system.textOf(plan);
  const isWell =
    old === text && before.enabled && before.running && !before.problems.some(({ found }) => isStale(found));
  const status = old === text ? "unchanged" : old === null ? "installed" : "updated";
  const steps = isWell ? [] : [...system.install(served), ...system.start(served, await system.look(served))];
  const told = { status, dryRun, text, program: plan.program.cli, path: plan.path, tools } as const;
  const commands = steps.map((line) => line.join(" "));
  if (dryRun) {
    const missing = lacking === null ? hints : [lacking, ...hints];
    return { ...told, commands, hints: missing, service: before };
  }
  if (!isWell) await putInPlace(context, served, system, { file, text: old === text ? null : text });
  return { ...told, commands, hints, service: await readServiceState(context, served) };
}

const isStale = (found: string): boolean => found.includes("not read since");

async function putInPlace(
  context: CliContext,
  served: Served,
  system: InitSystem,
  { file, text }: { readonly file: string; readonly text: string | null },
): Promise<void> {
  const ids = profilesWorkedBy(context, served);
  await refuseWider(context, served, ids);
  if (text !== null) {
    mkdirSync(dirname(file), { recursive: true });
    writeAtomically(file, text);
  }
  await carryOut(system, system.install(served));
  // Whoever serves them now goes first, and leaves the sessions alone.
  if (ids.length > 0)
    await stopDaemons(context, ids, { mode: "keep", waitMs: 60_000, onProgress: context.output.note });
  else if (((await system.look(served))?.state ?? "stopped") !== "stopped") await tryOut(system, system.stop(served));
  await startService(context, served, system);
}

/** The dashboard works none: whoever does goes on beside it. */
const profilesWorkedBy = ({ home }: Pick<CliContext, "home">, { profileId, part }: Served): readonly string[] => {
  if (part === "dashboard") return [];
  return profileId === null ? listProfileIds(home) : [profileId];
};

function refuseForeign(file: string, owner: string): void {
  if (owner === "ours") return;
  throw new UserError(`${file} is ${owner}. Nothing was changed. Move it away, or uninstall it there, and try again.`, {
    exitCode: 1,
  });
}

/** Two daemons would share the work, and one of them is one too many. */
async function refuseTwice(context: CliContext, { profileId }: Served): Promise<void> {
  const ids = profileId === null ? listProfileIds(context.home) : [];
  const other = (await servicesOf(context, ids)).find((one) => one.profileId !== profileId);
  if (other === undefined) return;
  throw new UserError(
    `The service ${other.name} serves ${servedInWords(other)} already. Remove it first: acp service uninstall --keep-sessions ${servedFlags(other).join(" ")}`,
    { exitCode: 1 },
  );
}

/** A daemon that was started by hand and serves more than this service would: stopping it stops the others. */
async function refuseWider(context: CliContext, { profileId }: Served, ids: readonly string[]): Promise<void> {
  if (profileId === null) return;
  const wider = (await withStore(context.home, liveDaemons)).find(
    ({ profileIds }) => profileIds.includes(profileId) && profileIds.some((id) => !ids.includes(id)),
  );
  if (wider === undefined) return;
  throw new UserError(
    `A daemon (pid ${wider.process.pid}) serves ${wider.profileIds.join(", ")} together. Install a service for all of them (--all), or stop it first: acp runtime stop --all --keep-sessions`,
    { exitCode: 1 },
  );
}
