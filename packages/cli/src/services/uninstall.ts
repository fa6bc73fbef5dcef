import { existsSync, readFileSync, rmSync } from "node:fs";
import { listProfileIds, UserError } from "@agent-control-plane/core";
import type { CliContext } from "../context.ts";
import { stopDaemons } from "../runtime/stop-daemon.ts";
import { tryOut } from "./carry-out.ts";
import { loadInitSystem } from "./init-system.ts";
import { placeOf } from "./places.ts";
import { ownerOf } from "./read-service-state.ts";
import type { Served } from "./served.ts";

export interface UninstalledService {
  readonly status: "uninstalled" | "not-installed";
  readonly dryRun: boolean;
  readonly name: string | null;
  readonly file: string | null;
  /** What was run, or would be. */
  readonly commands: readonly string[];
  /** Sessions that go on (`--keep-sessions`). */
  readonly sessionsKept: number;
}

/**
 * Stops the service and its daemon and removes its file, if that is ours; a profile need not be there any more. Safe to
 * repeat. Throws `UserError` when the file is somebody else's.
 */
export async function uninstallService(
  context: CliContext,
  served: Served,
  options: {
    readonly dryRun: boolean;
    readonly keepSessions: boolean;
    readonly waitMs: number;
  },
): Promise<UninstalledService> {
  const { dryRun, keepSessions, waitMs } = options;
  const place = placeOf(context, served);
  const nothing = { status: "not-installed", dryRun, commands: [], sessionsKept: 0 } as const;
  if (place === null) return { ...nothing, name: null, file: null };
  const { kind, ...named } = place;
  if (!existsSync(place.file)) return { ...nothing, ...named };
  const system = await loadInitSystem(context, kind);
  const owner = ownerOf(readFileSync(place.file, "utf8"), served, context.home, system);
  if (owner !== "ours") throw new UserError(`${place.file} is ${owner}. It was left alone.`, { exitCode: 1 });

  const before = [...system.stop(served), ...system.beforeRemoval(served)];
  const after = system.afterRemoval(served);
  const commands = [...before, ...after].map((line) => line.join(" "));
  if (dryRun) return { ...nothing, ...named, status: "uninstalled", commands };
  const { sessionsKept } = await stopWorking(context, served, keepSessions ? "keep" : "end", waitMs);
  // Neither failing keeps the file in place: without it nothing starts at the next login.
  await tryOut(system, before);
  rmSync(place.file, { force: true });
  await tryOut(system, after);
  return { ...nothing, ...named, status: "uninstalled", commands, sessionsKept };
}

/** The dashboard works nothing: it ends with its service. */
async function stopWorking(
  context: CliContext,
  { profileId, part }: Served,
  mode: "keep" | "end",
  waitMs: number,
): Promise<{ readonly sessionsKept: number }> {
  if (part === "dashboard") return { sessionsKept: 0 };
  const ids = profileId === null ? listProfileIds(context.home) : [profileId];
  return stopDaemons(context, ids, { mode, waitMs, onProgress: context.output.note });
}
