import type { BaseView, BrokenBaseItem } from "../../domain/snapshot.ts";
import { ForgeError } from "../../ports.ts";
import type { Project } from "../project.ts";

type Base = Pick<BaseView, "branch" | "sha">;

/**
 * The head of the base branch, what the profile's checks said of it, and while an issue stands for its being broken,
 * whether somebody has closed that one: a request, which is free while nothing moves. Throws `ForgeError`.
 */
export async function observeBase(project: Project): Promise<BaseView> {
  const { store, profileId } = project;
  const { branch, sha } = await lookAtBase(project);
  const baseline = await store.baselines.get(profileId, sha);
  const verdict = baseline === null ? "unknown" : baseline.passed ? "passed" : "broken";
  const item = await brokenItem(project, branch);
  return { branch, sha, verdict, ...(item === null ? {} : { item }) };
}

async function brokenItem({ store, profileId, source }: Project, branch: string): Promise<BrokenBaseItem | null> {
  const newest = await store.brokenBases.newest(profileId, branch);
  if (newest === null) return null;
  const { episode, cause, sha, greenSha, closedAt, issue, isRefused } = newest;
  const item = { episode, cause, sha, greenSha, closedAt, issue, isRefused };
  if (closedAt !== null || issue === null) return { ...item, issueState: "unknown" };
  const found = await source.issue(issue);
  const issueState = found.kind === "present" ? found.value.state : found.kind === "absent" ? "closed" : "unknown";
  return { ...item, issueState };
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
