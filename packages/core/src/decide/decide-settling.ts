import type { NewOutboxRow } from "../domain/outbox.ts";
import type { SchedulingPolicy } from "../domain/policy.ts";
import type { Issue, Presence, PullRequest } from "../domain/work-item.ts";
import { type Merged, rowsOnMerged } from "./settle/rows-on-merged.ts";
import { streamOf } from "./subjects.ts";
import { hasLabel } from "./trust.ts";

/** `later`: the forge did not say; `open`: it is still open and only left our list; `settled`: it is over. */
export type Settling =
  | { readonly kind: "later" }
  | { readonly kind: "open" }
  | { readonly kind: "settled"; readonly rows: readonly NewOutboxRow[] };

/**
 * What is left to do for an item that has gone from the lists: on one that is closed, merged or deleted nothing of ours
 * says any more that it is being worked on. Labels of people stay. What follows a merge follows it only here, from the
 * forge's own word that it was made.
 */
export function decideSettling(
  policy: SchedulingPolicy,
  subject: string,
  item: Presence<Issue | PullRequest>,
  around: Omit<Merged, "pullRequest">,
): Settling {
  if (item.kind === "unknown") return { kind: "later" };
  if (item.kind === "absent") return { kind: "settled", rows: [] };
  if (item.value.state === "open") return { kind: "open" };
  const merged = "merged" in item.value ? rowsOnMerged({ pullRequest: item.value, ...around }, policy) : [];
  return { kind: "settled", rows: [...rowsOnLabels(policy, subject, item.value), ...merged] };
}

function rowsOnLabels(
  { profileId, labels }: SchedulingPolicy,
  subject: string,
  item: Issue | PullRequest,
): readonly NewOutboxRow<"remove-labels">[] {
  const { running, automerge, repairQueued, ciRefresh, ciBypassed, doubleCheck1, doubleCheck2, humanReview } = labels;
  const ours = [running, automerge, repairQueued, ciRefresh, ciBypassed, doubleCheck1, doubleCheck2, humanReview];
  const left = ours.filter((label) => hasLabel(item, label));
  if (left.length === 0) return [];
  const stream = streamOf(profileId, subject);
  const idempotencyKey = `${stream}/settled/${item.updatedAt}`;
  return [{ profileId, kind: "remove-labels", stream, idempotencyKey, body: { number: item.number, labels: left } }];
}
