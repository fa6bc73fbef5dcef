import { lstatSync, realpathSync, rmSync } from "node:fs";
import { dirname, isAbsolute, relative, sep } from "node:path";
import { readRunFile } from "./read-run-file.ts";
import { sessionFiles } from "./session-files.ts";
import type { SeedFile } from "./session-spec.ts";

/**
 * The copies of logins that a session was given. What the program renewed in one goes, too: an agent could have written
 * there what it liked.
 */
export function removeLogins(seedFiles: readonly SeedFile[]): void {
  for (const { to, isSecret } of seedFiles) {
    // Never behind a link that was put in the folder's place: there may lie the person's own.
    if (isSecret && lstatSync(dirname(to), { throwIfNoEntry: false })?.isDirectory()) rmSync(to, { force: true });
  }
}

/**
 * The same of a session whose wrapper was killed before it could. The program could write into its own spec, so nothing
 * but copies below the profile's run folders is removed; without a spec there is nothing.
 */
export function removeLoginsLeft(runDir: string): void {
  try {
    const { seedFiles } = JSON.parse(readRunFile(sessionFiles.spec(runDir)) ?? "{}") as { seedFiles?: unknown };
    const runs = realpathSync(dirname(runDir));
    const copies = Array.isArray(seedFiles) ? seedFiles.filter((each) => isBelow(runs, each?.to)) : [];
    removeLogins(copies as readonly SeedFile[]);
  } catch {
    // A spec that is none, or a folder that is gone.
  }
}

function isBelow(runs: string, to: unknown): boolean {
  if (typeof to !== "string" || lstatSync(dirname(to), { throwIfNoEntry: false }) === undefined) return false;
  const way = relative(runs, realpathSync(dirname(to)));
  return way !== "" && !isAbsolute(way) && way.split(sep)[0] !== "..";
}
