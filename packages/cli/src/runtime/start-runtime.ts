import { loadProfile } from "@agent-control-plane/core";
import type { CliContext } from "../context.ts";
import { liveDaemons, withStore } from "./daemons.ts";
import { runtimeLog } from "./run-daemon.ts";
import { startInBackground } from "./start-in-background.ts";

export interface Started {
  readonly status: "started" | "already-running";
  readonly pid: number;
  readonly profiles: readonly string[];
  /** What the first tick of each profile found. */
  readonly ticks: { readonly [profileId: string]: { readonly forge?: string; readonly error?: string } };
}

const readyWithinMs = 60_000;

/** Starts the daemon for these profiles, unless each of them is served already. Safe to repeat. */
export async function startRuntime(context: CliContext, profileIds: readonly string[]): Promise<Started> {
  for (const id of profileIds) loadProfile(context.home, id, context.env);
  const running = await withStore(context.home, liveDaemons);
  const served = new Set(running.flatMap((row) => row.profileIds));
  const missing = profileIds.filter((id) => !served.has(id));
  const serving = running.find((row) => row.profileIds.some((id) => profileIds.includes(id)));
  if (serving && missing.length === 0)
    return { status: "already-running", pid: serving.process.pid, profiles: profileIds, ticks: {} };
  const flags = missing.length === 1 ? ["--profile-id", missing[0] ?? ""] : ["--all"];
  const { pid, message } = await startInBackground(context, ["runtime", "run", ...flags], {
    what: "The runtime",
    logFile: runtimeLog(context.home),
    readyWithinMs,
  });
  return { status: "started", pid, profiles: profileIds, ticks: ticksOf(message) };
}

function ticksOf(message: unknown): Started["ticks"] {
  if (message && typeof message === "object" && "ticks" in message) return message.ticks as Started["ticks"];
  return {};
}
