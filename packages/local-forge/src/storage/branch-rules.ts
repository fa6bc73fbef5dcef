import type { Database } from "./database.ts";
import type { Repository } from "./repositories.ts";

/** What has to hold before a pull request may go into a branch. */
export interface BranchRules {
  /** Names of check runs or contexts of statuses that must have passed. */
  readonly requiredChecks: readonly string[];
  /** How many people who may write must have approved. */
  readonly requiredApprovals: number;
  /** Whether the head must contain the tip of the base. */
  readonly mustBeUpToDate: boolean;
  /** Whether everything goes in through a queue: nobody merges at once. */
  readonly mergeQueue: boolean;
}

/** Null when the branch is not protected. */
export function rulesOfBranch(db: Database, repository: Repository, branch: string): BranchRules | null {
  const row = db.get<{ rules: string }>(
    "select rules from branch_rules where repository_id = @repositoryId and branch = @branch",
    { repositoryId: repository.id, branch },
  );
  return row ? { mergeQueue: false, ...(JSON.parse(row.rules) as Omit<BranchRules, "mergeQueue">) } : null;
}

export function setBranchRules(db: Database, repository: Repository, branch: string, rules: BranchRules | null): void {
  const key = { repositoryId: repository.id, branch };
  db.run("delete from branch_rules where repository_id = @repositoryId and branch = @branch", key);
  if (rules === null) return;
  db.run("insert into branch_rules (repository_id, branch, rules) values (@repositoryId, @branch, @rules)", {
    ...key,
    rules: JSON.stringify(rules),
  });
}
