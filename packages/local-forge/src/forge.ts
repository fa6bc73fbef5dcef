import { join } from "node:path";
import { rememberAnswers } from "./git/remember-answers.ts";
import { createGit, type Git } from "./git/run-git.ts";
import { type Database, openDatabase } from "./storage/database.ts";
import type { Repository } from "./storage/repositories.ts";

/** What every part of the forge works with. */
export interface Forge {
  readonly db: Database;
  readonly git: Git;
  /** Where this forge answers, without a slash at the end. */
  readonly url: string;
  readonly apiUrl: string;
  now(): number;
  gitPath(repository: Pick<Repository, "owner" | "name">): string;
  /** One git change at a time per repository: refs and the rows about them move together. */
  exclusively<T>(repository: Pick<Repository, "id">, act: () => Promise<T>): Promise<T>;
  readonly log: (line: string) => void;
}

export function createForge(options: {
  dataDir: string;
  url: () => string;
  now: () => number;
  log: (line: string) => void;
}): Forge {
  const db = openDatabase(join(options.dataDir, "forge.sqlite"));
  const git = rememberAnswers(createGit(join(options.dataDir, "git-home")));
  const turns = new Map<number, Promise<unknown>>();
  return {
    db,
    git,
    get url() {
      return options.url();
    },
    get apiUrl() {
      return `${options.url()}/api/v3`;
    },
    now: options.now,
    gitPath: ({ owner, name }) => join(options.dataDir, "git", owner, `${name}.git`),
    exclusively: (repository, act) => {
      const turn = (turns.get(repository.id) ?? Promise.resolve()).then(act, act);
      turns.set(
        repository.id,
        turn.catch(() => {}),
      );
      return turn;
    },
    log: options.log,
  };
}
