import type { Instant, ProfilePause } from "@agent-control-plane/core";
import { ago } from "./ago.ts";

/** `by ann since 2026-11-21T05:04:00.000Z (3 min): release week`, for what follows "paused". */
export function describePause({ actor, at, reason }: ProfilePause, now: Instant): string {
  const since = `by ${actor} since ${new Date(at).toISOString()} (${ago(now - at)})`;
  return reason === "" ? since : `${since}: ${reason}`;
}

/** The scope of a pause, for people. */
export const scopeText = (scope: string): string => (scope === "*" ? "all profiles" : scope);

/** The pauses that hold a profile: that of all profiles first, as the scheduler asks for them. */
export const pausesOf = (profileId: string, pauses: readonly ProfilePause[]): readonly ProfilePause[] =>
  ["*", profileId].flatMap((scope) => pauses.filter((pause) => pause.scope === scope));

/** The command that takes a pause off. */
export const resumeCommand = (scope: string): string =>
  `acp runtime resume ${scope === "*" ? "--all" : `--profile-id ${scope}`}`;
