import type { Identity } from "./create-worktree.ts";
import type { Scratch } from "./scratch-repository.ts";

/** Whom commits of the host name when nobody else is given. */
export const hostIdentity: Identity = { name: "agent-control-plane", email: "agent-control-plane@localhost" };

/** A commit of `tree`, made by the host: no hook, no signature, the message taken as it is. Answers its id. */
export async function commitTree(
  scratch: Scratch,
  of: {
    readonly tree: string;
    readonly parents: readonly string[];
    readonly message: string;
    readonly author: Identity;
  },
): Promise<string> {
  const parents = of.parents.flatMap((parent) => ["-p", parent]);
  return scratch.text(["commit-tree", of.tree, ...parents, "-F", "-"], {
    input: `${of.message.trimEnd()}\n`,
    env: {
      GIT_AUTHOR_NAME: of.author.name,
      GIT_AUTHOR_EMAIL: of.author.email,
      GIT_COMMITTER_NAME: hostIdentity.name,
      GIT_COMMITTER_EMAIL: hostIdentity.email,
    },
  });
}
