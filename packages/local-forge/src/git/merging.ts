import type { Git } from "./run-git.ts";

export type MergeMethod = "merge" | "squash" | "rebase";

export interface MergePlan {
  readonly method: MergeMethod;
  readonly base: string;
  readonly head: string;
  readonly message: string;
  readonly author: { readonly name: string; readonly email: string };
}

/** Makes the merged commit without touching any ref or working tree; null when the two conflict. */
export async function makeMergeCommit(git: Git, path: string, plan: MergePlan): Promise<string | null> {
  if (plan.method === "rebase") return replay(git, path, plan);
  const tree = await mergedTree(git, path, plan.base, plan.head);
  if (tree === null) return null;
  const parents = plan.method === "merge" ? [plan.base, plan.head] : [plan.base];
  return commitTree(git, path, tree, parents, plan.message, identity(plan));
}

/** The tree of a clean merge of `head` into `base`, null on conflict. */
export async function mergedTree(git: Git, path: string, base: string, head: string): Promise<string | null> {
  const result = await git.attempt(path, ["merge-tree", "--write-tree", "--allow-unrelated-histories", base, head]);
  if (result.code === 0) return result.stdout.split("\n")[0] as string;
  if (result.code === 1) return null;
  throw new Error(`git merge-tree of ${base} and ${head} ended with ${result.code}: ${result.stderr.trim()}`);
}

/** Rebase without a working tree: each commit is merged onto the new tip with its own parent as the merge base. */
async function replay(git: Git, path: string, plan: MergePlan): Promise<string | null> {
  const listed = await git.output(path, ["rev-list", "--reverse", "--no-merges", `${plan.base}..${plan.head}`]);
  let tip = plan.base;
  for (const commit of listed.split("\n").filter((line) => line !== "")) {
    const parent = (await git.output(path, ["rev-parse", `${commit}^`])).trim();
    // git 2.39 cannot name a merge base; a throw-away commit with the tip's tree and this parent makes it the only one.
    const stand = await commitTree(git, path, `${tip}^{tree}`, [parent], "rebase", identity(plan));
    const tree = await mergedTree(git, path, stand, commit);
    if (tree === null) return null;
    const [name, email, date, ...message] = (
      await git.output(path, ["log", "-1", "--format=%an%n%ae%n%aI%n%B", commit])
    ).split("\n");
    tip = await commitTree(git, path, tree, [tip], message.join("\n").trimEnd(), {
      ...identity(plan),
      GIT_AUTHOR_NAME: name as string,
      GIT_AUTHOR_EMAIL: email as string,
      GIT_AUTHOR_DATE: date as string,
    });
  }
  return tip;
}

async function commitTree(
  git: Git,
  path: string,
  tree: string,
  parents: readonly string[],
  message: string,
  environment: Record<string, string>,
): Promise<string> {
  const args = ["commit-tree", tree, ...parents.flatMap((parent) => ["-p", parent])];
  return (await git.output(path, args, { input: `${message}\n`, environment })).trim();
}

function identity(plan: MergePlan): Record<string, string> {
  return {
    GIT_AUTHOR_NAME: plan.author.name,
    GIT_AUTHOR_EMAIL: plan.author.email,
    GIT_COMMITTER_NAME: "Local Forge",
    GIT_COMMITTER_EMAIL: "noreply@local-forge.invalid",
  };
}
