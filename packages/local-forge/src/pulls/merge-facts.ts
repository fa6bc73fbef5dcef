import type { Forge } from "../forge.ts";
import { isAncestor } from "../git/bare-repository.ts";
import { userById } from "../storage/accounts.ts";
import { rulesOfBranch } from "../storage/branch-rules.ts";
import { recordedBranch } from "../storage/branches.ts";
import { currentCheckRuns } from "../storage/check-runs.ts";
import { type Pull, reviewsOfPull } from "../storage/pulls.ts";
import { permissionOf, type Repository, reaches } from "../storage/repositories.ts";
import { combinedState, currentStatuses } from "../storage/statuses.ts";
import type { MergeFacts } from "./decide-mergeable-state.ts";

/** What the word for a pull request's mergeability is decided from. Asks git only where a rule needs it. */
export async function mergeFacts(
  forge: Forge,
  repository: Repository,
  pull: Pull,
): Promise<Omit<MergeFacts, "mergeable">> {
  const rules = rulesOfBranch(forge.db, repository, pull.base_ref);
  return {
    isDraft: pull.is_draft === 1,
    rules,
    ...checkFacts(forge, repository, pull),
    ...reviewFacts(forge, repository, pull),
    isBehind: rules?.mustBeUpToDate === true && (await isBehind(forge, repository, pull)),
  };
}

function checkFacts(forge: Forge, repository: Repository, pull: Pull) {
  const statuses = currentStatuses(forge.db, repository, pull.head_sha);
  const runs = currentCheckRuns(forge.db, repository, pull.head_sha);
  const passed = runs.filter((run) => ["success", "neutral", "skipped"].includes(run.conclusion ?? ""));
  const contexts = statuses.filter((status) => status.state === "success").map((status) => status.context);
  return {
    passedChecks: new Set([...passed.map((run) => run.name), ...contexts]),
    allChecksPass: passed.length === runs.length && (statuses.length === 0 || combinedState(statuses) === "success"),
  };
}

/** The latest verdict of each reviewer who may write; a mere comment takes none back. */
function reviewFacts(forge: Forge, repository: Repository, pull: Pull) {
  const verdicts = new Map<number, string>();
  for (const { author_id: author, state } of reviewsOfPull(forge.db, pull.id)) {
    if (state !== "APPROVED" && state !== "CHANGES_REQUESTED") continue;
    if (reaches(permissionOf(forge.db, repository, userById(forge.db, author)), "write")) verdicts.set(author, state);
  }
  const states = [...verdicts.values()];
  return {
    approvals: states.filter((state) => state === "APPROVED").length,
    changesRequested: states.includes("CHANGES_REQUESTED"),
  };
}

async function isBehind(forge: Forge, repository: Repository, pull: Pull): Promise<boolean> {
  const base = recordedBranch(forge.db, repository, pull.base_ref);
  return base !== undefined && !(await isAncestor(forge.git, forge.gitPath(repository), base.sha, pull.head_sha));
}
