import type { ProfilePause, Store } from "@agent-control-plane/core";
import { actingPerson } from "../acting-person.ts";
import type { CliContext } from "../context.ts";
import { counted } from "../counted.ts";
import { withStore } from "../store/with-store.ts";
import { describePause, pausesOf, resumeCommand, scopeText } from "./describe-pause.ts";

/** What `runtime pause` did; field by field in docs/json-output.md. */
export interface Paused {
  readonly status: "paused" | "already-paused";
  readonly scope: string;
  readonly actor: string;
  readonly reason: string;
  readonly at: number;
  readonly profiles: readonly string[];
  readonly sessions: number;
}

/** What `runtime resume` did; field by field in docs/json-output.md. */
export interface Resumed {
  readonly status: "resumed" | "not-paused" | "still-paused";
  readonly scope: string;
  /** The pause that was taken off, if there was one. */
  readonly ended: ProfilePause | null;
  readonly profiles: readonly string[];
  /** Pauses that still hold some of the profiles. */
  readonly left: readonly ProfilePause[];
}

interface Pausing {
  /** A profile's id, or `*` for all of them, also those that are installed later. */
  readonly scope: string;
  /** The profiles that are installed and meant by the scope. */
  readonly profiles: readonly string[];
  /** Who the records name; otherwise who gives this command. */
  readonly by?: string;
}

/**
 * From the next tick on nothing new starts; what runs goes on to its end, checks and publishing included. It is a row
 * in the store, so it holds with and without a daemon, and over restarts. Without a reason a repeat changes nothing.
 */
export async function pauseProfiles(
  context: CliContext,
  { scope, profiles, reason, by = actingPerson(context.env) }: Pausing & { readonly reason: string | undefined },
): Promise<Paused> {
  return withStore(context.home, async (store) => {
    const before = await pauseOf(store, scope);
    const isNew =
      before === null || reason !== undefined
        ? await store.pauses.set({ scope, actor: by, reason: reason ?? "" })
        : false;
    const pause = (await pauseOf(store, scope)) ?? before;
    // Somebody resumed in this very moment: theirs was the last word.
    const { actor, at } = pause ?? { actor: by, at: context.clock.now() };
    return {
      status: isNew ? "paused" : "already-paused",
      scope,
      actor,
      reason: pause?.reason ?? "",
      at,
      profiles,
      sessions: await openSessions(store, profiles),
    };
  });
}

/** Takes off the pause of this scope and no other: a profile that was paused by itself stays so when all are resumed. */
export async function resumeProfiles(
  context: CliContext,
  { scope, profiles, by = actingPerson(context.env) }: Pausing,
): Promise<Resumed> {
  return withStore(context.home, async (store) => {
    const before = await pauseOf(store, scope);
    const isEnded = await store.pauses.clear(scope, by);
    const pauses = await store.pauses.list();
    const left = pauses.filter((pause) => profiles.some((id) => pausesOf(id, pauses).includes(pause)));
    return { status: statusOf(scope, isEnded, left), scope, ended: isEnded ? before : null, profiles, left };
  });
}

const statusOf = (scope: string, isEnded: boolean, left: readonly ProfilePause[]): Resumed["status"] => {
  if (scope !== "*" && left.length > 0) return "still-paused";
  return isEnded ? "resumed" : "not-paused";
};

const pauseOf = async (store: Store, scope: string): Promise<ProfilePause | null> =>
  (await store.pauses.list()).find((pause) => pause.scope === scope) ?? null;

async function openSessions(store: Store, profiles: readonly string[]): Promise<number> {
  const states = ["intended", "running"] as const;
  const open = await Promise.all(profiles.map((profileId) => store.sessions.list({ profileId, states })));
  return open.flat().length;
}

export function printPaused({ output, clock }: CliContext, paused: Paused, isReasonNew: boolean): void {
  const said = describePause(paused, clock.now());
  if (paused.status === "paused") output.print(`paused: ${scopeText(paused.scope)}. Nothing new starts.`);
  else output.print(`already paused ${said}${isReasonNew ? " (the reason is changed)" : ""}`);
  if (paused.sessions > 0)
    output.print(
      `${counted(paused.sessions, "session goes on to its", "sessions go on to their")} end; "acp sessions stop <id>" ends one`,
    );
  output.print(output.style.dim(`  ${resumeCommand(paused.scope)}`));
}

export function printResumed({ output, clock }: CliContext, { scope, ended, left }: Resumed): void {
  const now = clock.now();
  output.print(
    ended
      ? `resumed: ${scopeText(scope)}; it was paused ${describePause(ended, now)}`
      : `not paused: ${scopeText(scope)}`,
  );
  for (const pause of left) {
    const who = pause.scope === "*" ? "All profiles are" : `${pause.scope} is`;
    output.print(`${who} still paused ${describePause(pause, now)}`);
    output.print(output.style.dim(`  ${resumeCommand(pause.scope)}`));
  }
}
