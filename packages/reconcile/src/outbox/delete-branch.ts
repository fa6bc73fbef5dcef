import type { Deliverer, OutboxBodies, OutboxRow } from "@agent-control-plane/core";
import type { ForgeWrites } from "../github/forge-writes.ts";
import { isRefused, notSeenYet, refusal } from "./refusal.ts";

/**
 * Result: `{ branch, sha }`. One that is gone already is fine. (The weakness: the forge takes no condition, so a push
 * within the last request goes with it.)
 */
export function deleteBranch(forge: Pick<ForgeWrites, "branchHead" | "defaultBranch" | "deleteBranch">): Deliverer {
  return {
    async deliver(row) {
      const { branch, sha } = bodyOf(row);
      const head = await forge.branchHead(branch);
      if (head === null) return { branch, sha };
      if (head !== sha) throw headMoved(branch, sha, head);
      if (branch === (await forge.defaultBranch())) throw isDefault(branch);
      try {
        await forge.deleteBranch(branch);
      } catch (error) {
        // 422 is also what one that is gone is answered with.
        if (!isRefused(error, 422) || (await forge.branchHead(branch)) !== null) throw error;
      }
      if ((await forge.branchHead(branch)) !== null) throw notSeenYet(`Branch "${branch}" does not show as gone yet.`);
      return { branch, sha };
    },
    async settle(row) {
      const { branch, sha } = bodyOf(row);
      return (await forge.branchHead(branch)) === null ? { branch, sha } : null;
    },
  };
}

function bodyOf(row: OutboxRow): OutboxBodies["delete-branch"] {
  return row.body as OutboxBodies["delete-branch"];
}

function headMoved(branch: string, expected: string, found: string) {
  return refusal(
    "head-moved",
    `Branch "${branch}" was not deleted: expected ${expected} on the forge, found ${found}. Somebody pushed to it, ` +
      "and their work is left alone.",
  );
}

function isDefault(branch: string) {
  return refusal(
    "default-branch",
    `Branch "${branch}" was not deleted: it is the repository's default branch, which is never deleted from here.`,
  );
}
