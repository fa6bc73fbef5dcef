import { actorsOf, closersAmong, gatekeepersOf } from "../../decide/actors.ts";
import { trustOf } from "../../decide/trust.ts";
import type { ForgeView } from "../../domain/snapshot.ts";
import type { Instant, Millis } from "../../domain/time.ts";
import { ForgeError } from "../../ports.ts";
import type { Project } from "../project.ts";

type Asking = Pick<Project, "source" | "known" | "clock" | "log">;
type Seen = Extract<ForgeView, { kind: "seen" }>;

/** Logins asked about at once; the rest waits for the next tick. */
const mostAsked = 20;

/** How long an answer may be acted on, and a refused one is left alone: people lose rights, and are given some. */
export const permissionAgeMs: Millis = 600_000;

/** Asks what these people may do in the repository, unless that is known well enough; answers whom it asked about. */
export async function askPermissions(
  project: Asking,
  logins: readonly string[],
  olderThan: Instant,
): Promise<readonly string[]> {
  const { known, clock } = project;
  const isDue = (login: string) => {
    const stored = known.permissions.get(login);
    return stored === undefined || stored.checkedAt < olderThan;
  };
  const isRefused = (login: string) =>
    Math.abs(clock.now() - (known.refusedLogins.get(login) ?? Number.NEGATIVE_INFINITY)) < permissionAgeMs;
  const asked = logins.filter((login) => isDue(login) && !isRefused(login)).slice(0, mostAsked);
  for (const login of asked) await ask(project, login);
  return asked;
}

/** A login the forge says nothing about stays unknown, which trusts it with nothing; others are asked about all the same. */
async function ask({ source, known, clock, log }: Asking, login: string): Promise<void> {
  try {
    await known.keepPermission({ login, level: await source.permission(login), checkedAt: clock.now() });
  } catch (error) {
    if (!(error instanceof ForgeError) || error.failure !== "refused") throw error;
    known.refusedLogins.set(login, clock.now());
    log.warn("permission could not be read", { login, error: error.message });
  }
}

/**
 * Who is new is asked about once. Who may not, and keeps work out by that, may have been given the right since: one of
 * them in turn is asked about again, in the ticks that have a request to spare.
 */
export async function askOfSeen(project: Project, forge: Seen, hasOneToSpare: boolean): Promise<void> {
  const { known, policy, clock } = project;
  const actors = [...actorsOf(forge, policy), ...closersAmong(forge, policy)];
  await askPermissions(project, [...new Set(actors)], Number.NEGATIVE_INFINITY);
  if (!hasOneToSpare) return;
  const kept = gatekeepersOf(forge, policy)
    .filter((login) => trustOf(login, known.permissions, policy.trust.labels) === "untrusted")
    .sort((a, b) => (known.permissions.get(a)?.checkedAt ?? 0) - (known.permissions.get(b)?.checkedAt ?? 0));
  await askPermissions(project, kept.slice(0, 1), clock.now() - permissionAgeMs);
}
