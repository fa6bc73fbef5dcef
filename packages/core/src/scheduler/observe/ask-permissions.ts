import type { Instant, Millis } from "../../domain/time.ts";
import type { Project } from "../project.ts";

/** Logins asked about in one tick; the rest waits for the next one. */
const mostAsked = 20;

/** How long an answer may be acted on: somebody may have lost their rights meanwhile. */
export const permissionAgeMs: Millis = 600_000;

/** Asks what these people may do in the repository, unless that is known; answers whether anything new is known. */
export async function askPermissions(
  { source, known, clock }: Pick<Project, "source" | "known" | "clock">,
  logins: Iterable<string>,
  olderThan: Instant,
): Promise<boolean> {
  const wanted = [...new Set([...logins].map((login) => login.toLowerCase()))].filter((login) => {
    const stored = known.permissions.get(login);
    return stored === undefined || stored.checkedAt < olderThan;
  });
  for (const login of wanted.slice(0, mostAsked)) {
    await known.keepPermission({ login, level: await source.permission(login), checkedAt: clock.now() });
  }
  return wanted.length > 0;
}
