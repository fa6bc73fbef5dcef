import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "@agent-control-plane/core";

/** Empty files, one for each profile that somebody wants looked at before its next tick; whoever serves it takes its file. */
const folderOf = (home: string) => join(home, "state", "asked");

/** Asks whoever serves these profiles to look now. Asking again, or of one that nobody serves, does no harm. */
export function askForLook(home: string, profileIds: readonly string[]): void {
  mkdirSync(folderOf(home), { recursive: true, mode: 0o700 });
  for (const id of profileIds) writeFileSync(join(folderOf(home), id), "");
}

/** Two changes within so long may leave a folder the same time. */
const grainMs = 1_000;

/** A runtime's side of it: a pass in which nobody asked costs one look at a folder's time. */
export class AskedLooks {
  readonly #home: string;
  readonly #clock: Pick<Clock, "now">;
  #seen = -1;

  constructor(home: string, clock: Pick<Clock, "now">) {
    this.#home = home;
    this.#clock = clock;
  }

  /** Those of these profiles that were asked for since the last call. */
  take(profileIds: readonly string[]): ReadonlySet<string> {
    const folder = folderOf(this.#home);
    const changedAt = statSync(folder, { throwIfNoEntry: false })?.mtimeMs;
    if (changedAt === undefined || changedAt === this.#seen) return new Set();
    this.#seen = this.#clock.now() - changedAt > grainMs ? changedAt : -1;
    const asked = namesIn(folder).filter((name) => profileIds.includes(name));
    for (const id of asked) rmSync(join(folder, id), { force: true });
    return new Set(asked);
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return []; // it went in this very moment
    throw error;
  }
}
