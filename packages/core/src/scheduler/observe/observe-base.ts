import type { BaseView } from "../../domain/snapshot.ts";
import { ForgeError } from "../../ports.ts";
import type { Project } from "../project.ts";

type Base = Pick<BaseView, "branch" | "sha">;

/** The head of the base branch, and what the profile's checks said of it. Throws `ForgeError`. */
export async function observeBase(project: Project): Promise<BaseView> {
  const { store, profileId } = project;
  const { branch, sha } = await lookAtBase(project);
  const baseline = await store.baselines.get(profileId, sha);
  const verdict = baseline === null ? "unknown" : baseline.passed ? "passed" : "broken";
  return { branch, sha, verdict };
}

async function lookAtBase({ source, worktrees, known }: Project): Promise<Base> {
  const branch = known.base?.branch ?? (await worktrees.baseBranch());
  const head = await source.branchHead(branch);
  if (head.kind === "unknown") throw new ForgeError("unreachable", head.because);
  if (head.kind === "absent") {
    known.base = null;
    throw new ForgeError("refused", `There is no branch ${branch} in the repository. Is repo.default_branch right?`);
  }
  known.base = { branch, sha: head.value };
  return known.base;
}
