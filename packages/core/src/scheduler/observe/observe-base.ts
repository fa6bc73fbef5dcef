import type { BaseView } from "../../domain/snapshot.ts";
import { ForgeError } from "../../ports.ts";
import type { Project } from "../project.ts";

/** The head of the base branch, and what the profile's checks said of it. Throws `ForgeError`. */
export async function observeBase({ source, worktrees, store, profileId, known }: Project): Promise<BaseView> {
  known.baseBranch ??= await worktrees.baseBranch();
  const branch = known.baseBranch;
  const head = await source.branchHead(branch);
  if (head.kind === "unknown") throw new ForgeError("unreachable", head.because);
  if (head.kind === "absent") {
    known.baseBranch = null;
    throw new ForgeError("refused", `There is no branch ${branch} in the repository. Is repo.default_branch right?`);
  }
  const baseline = await store.baselines.get(profileId, head.value);
  const verdict = baseline === null ? "unknown" : baseline.passed ? "passed" : "broken";
  return { branch, sha: head.value, verdict };
}
