import { readdirSync } from "node:fs";
import { join } from "node:path";

interface Left {
  readonly what: string;
  readonly count: number;
  readonly advice: string;
}

/** What lies in the reference's folders and cannot be carried over. Reads names only; nothing there is run or changed. */
export function stateLeft(agentRoot: string | null, stateRoot: string | null): readonly Left[] {
  if (agentRoot === null) return [];
  const state = stateRoot ?? join(agentRoot, "state");
  const kinds: readonly (readonly [string, string, string])[] = [
    [join(agentRoot, "runs"), "runs under way", "let them end with the reference before you switch"],
    [
      join(state, "github-outbox/pending"),
      "writes that were not sent",
      "send them with the reference, or make them by hand",
    ],
    [join(state, "github-outbox/failed"), "writes that the forge refused", "look at them; none is made here"],
    [join(state, "resident-workers/issue-queue/pending"), "issues in its queue", "they are taken up from their labels"],
    [join(state, "retries/issues"), "issues that wait for another try", "they begin anew, without a wait"],
    [join(state, "retries/prs"), "pull requests that wait for another try", "they begin anew, without a wait"],
    [
      join(state, "scheduled-issues"),
      "scheduled issues",
      "they are due at their next time, counted from the first look",
    ],
    [join(state, "blocked-recovery-issues"), "blocked issues in recovery", "their rounds are counted anew"],
    [join(agentRoot, "history"), "past runs", "they stay there to be read; here history begins anew"],
    [join(agentRoot, "worktrees"), "worktrees", "look for unsaved work before you remove them"],
  ];
  return kinds.flatMap(([folder, what, advice]) => {
    const count = entriesIn(folder);
    return count === 0 ? [] : [{ what, count, advice }];
  });
}

function entriesIn(folder: string): number {
  try {
    return readdirSync(folder).length;
  } catch {
    return 0; // not there
  }
}
