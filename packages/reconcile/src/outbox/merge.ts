import { type Deliverer, ForgeError, type Json, type OutboxBodies, type OutboxRow } from "@agent-control-plane/core";
import type { ForgeWrites } from "../github/forge-writes.ts";
import type { SeenPullRequest, WantedMerge } from "../github/pull-request-writes.ts";
import { mergeByQueue } from "./merge-by-queue.ts";
import { isRefused, notSeenYet, refusal, renamed } from "./refusal.ts";

type Wanted = OutboxBodies["merge"];

export type MergingForge = Pick<ForgeWrites, "pullRequest" | "mergePullRequest" | "queueing" | "enqueue">;

/**
 * Result: `{ merged: true, sha }` once the forge shows it merged with the head that was wanted, or
 * `{ merged: false, queued: true }`. The forge is read before and after, and after every no: whoever merged that very
 * head, it is merged. What a person stopped meanwhile is refused: a draft, another base, a label. Nothing else is ever done here; what follows a merge are rows of their own that need this one.
 */
export function merge(forge: MergingForge): Deliverer {
  async function mergeNow(wanted: Wanted, tries: number): Promise<Json> {
    try {
      await forge.mergePullRequest(wanted.number, mergeOf(wanted));
    } catch (error) {
      if (!isRefused(error, 405, 409, 422)) throw error;
      const now = await forge.pullRequest(wanted.number);
      const found = mergedResult(wanted, now);
      if (found !== null) return found;
      refuseWhenMoved(wanted, now);
      if (tries < 5 && /base branch was modified/i.test(error.message)) throw baseMoved(error);
      throw renamed(error, "not-mergeable");
    }
    const found = mergedResult(wanted, await forge.pullRequest(wanted.number));
    if (found === null) throw notSeenYet(`Pull request ${wanted.number} does not show as merged yet.`);
    return found;
  }

  return {
    async deliver(row) {
      const wanted = bodyOf(row);
      const before = await forge.pullRequest(wanted.number);
      const found = mergedResult(wanted, before);
      if (found !== null) return found;
      refuseWhenMoved(wanted, before);
      if (before.state === "closed") throw closed(wanted.number);
      refuseWhenStopped(wanted, before);
      if (wanted.queue && (await mergeByQueue(forge, wanted.number, mergeOf(wanted)))) return queued;
      return mergeNow(wanted, row.tries);
    },
    async settle(row) {
      const wanted = bodyOf(row);
      const now = await forge.pullRequest(wanted.number);
      const found = mergedResult(wanted, now);
      if (found !== null || !wanted.queue || now.state === "closed") return found;
      return (await forge.queueing(wanted.number)).isWaiting ? queued : null;
    },
  };
}

const queued: Json = { merged: false, queued: true };

function bodyOf(row: OutboxRow): Wanted {
  return row.body as Wanted;
}

function mergeOf({ headSha: sha, method, title, message }: Wanted): WantedMerge {
  return { sha, method, title, message };
}

/** Null while it is not merged. Throws when it was merged with another head: that is not the merge that was wanted. */
function mergedResult(wanted: Wanted, now: SeenPullRequest): Json {
  if (!now.merged) return null;
  refuseWhenMoved(wanted, now);
  return { merged: true, sha: now.mergeSha };
}

function refuseWhenMoved({ number, headSha }: Wanted, { headSha: found, merged }: SeenPullRequest): void {
  if (found === headSha) return;
  const what = merged ? "was merged by somebody else" : "was not merged";
  throw refusal(
    "head-moved",
    `Pull request ${number} ${what}: expected head ${headSha}, found ${found}. Only the head that was reviewed is merged.`,
  );
}

/** What a person did between the decision and the sending, as far as one look at it shows. */
function refuseWhenStopped({ number, baseRef, stopLabels = [] }: Wanted, now: SeenPullRequest): void {
  const stops = new Set(stopLabels.map((label) => label.toLowerCase()));
  const label = now.labels.find((each) => stops.has(each.toLowerCase()));
  const reasons = [
    ...(baseRef === undefined || now.baseRef === baseRef ? [] : [`expected base ${baseRef}, found ${now.baseRef}`]),
    ...(now.draft ? ["it is a draft"] : []),
    ...(label === undefined ? [] : [`it carries the label ${label}`]),
  ];
  if (reasons.length === 0) return;
  const why = reasons.join("; ");
  throw refusal("not-mergeable", `Pull request ${number} was not merged: ${why}. Undo that, or drop this write.`);
}

/** Said while another merge is under way: the one no of the forge that passes by itself. */
function baseMoved(error: ForgeError): ForgeError {
  return new ForgeError("unreachable", error.message, { cause: error });
}

function closed(number: number) {
  return refusal(
    "not-mergeable",
    `Pull request ${number} was not merged: it is closed. Reopen it, or drop this write.`,
  );
}
