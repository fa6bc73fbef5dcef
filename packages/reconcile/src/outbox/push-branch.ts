import { type Deliverer, ForgeError, type OutboxBodies, type OutboxRow } from "@agent-control-plane/core";

/** What pushes for us; git lives in another package. Failures of the connection or token are thrown as `ForgeError`. */
export interface PushBranch {
  /** `moved`: the branch's head is neither `expectedSha` (null: no branch) nor `sha`; nothing was pushed. */
  push(request: {
    readonly branch: string;
    readonly sha: string;
    readonly expectedSha: string | null;
  }): Promise<"pushed" | "already" | { readonly moved: string | null }>;
  /** The branch's head on the forge, read now; null when there is no such branch. */
  head(branch: string): Promise<string | null>;
}

/** Result: `{ branch, sha }`. */
export function pushBranch(git: PushBranch): Deliverer {
  return {
    async deliver(row) {
      const { branch, sha, expectedSha } = bodyOf(row);
      const pushed = await git.push({ branch, sha, expectedSha });
      if (typeof pushed === "object") throw movedError(branch, expectedSha, pushed.moved);
      return { branch, sha };
    },
    async settle(row) {
      const { branch, sha } = bodyOf(row);
      return (await git.head(branch)) === sha ? { branch, sha } : null;
    },
  };
}

function bodyOf(row: OutboxRow): OutboxBodies["push-branch"] {
  return row.body as OutboxBodies["push-branch"];
}

function movedError(branch: string, expected: string | null, found: string | null): ForgeError {
  return new ForgeError(
    "refused",
    `Branch "${branch}" was not pushed: expected ${expected ?? "no such branch"} on the forge, found ` +
      `${found ?? "no such branch"}. Somebody else moved it, and their work is left alone. ` +
      "Remove or rename that branch, then retry this write.",
    { code: "head-moved" },
  );
}
