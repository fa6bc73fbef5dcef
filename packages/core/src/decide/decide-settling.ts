import type { NewOutboxRow } from "../domain/outbox.ts";
import type { LabelNames } from "../domain/policy.ts";
import type { Issue, Presence, PullRequest } from "../domain/work-item.ts";
import { streamOf } from "./subjects.ts";
import { hasLabel } from "./trust.ts";

/** `later`: the forge did not say; `open`: it is still open and only left our list; `settled`: it is over. */
export type Settling =
  | { readonly kind: "later" }
  | { readonly kind: "open" }
  | { readonly kind: "settled"; readonly rows: readonly NewOutboxRow[] };

/**
 * What is left to do for an item that has gone from the lists: on one that is closed, merged or deleted nothing of ours
 * says any more that it is being worked on. Labels of people stay.
 */
export function decideSettling(
  profileId: string,
  subject: string,
  item: Presence<Issue | PullRequest>,
  labels: LabelNames,
): Settling {
  if (item.kind === "unknown") return { kind: "later" };
  if (item.kind === "absent") return { kind: "settled", rows: [] };
  if (item.value.state === "open") return { kind: "open" };
  const { running, automerge, repairQueued, ciRefresh, ciBypassed, doubleCheck1, doubleCheck2, humanReview } = labels;
  const ours = [running, automerge, repairQueued, ciRefresh, ciBypassed, doubleCheck1, doubleCheck2, humanReview];
  const left = ours.filter((label) => hasLabel(item.value, label));
  if (left.length === 0) return { kind: "settled", rows: [] };
  const stream = streamOf(profileId, subject);
  const row: NewOutboxRow<"remove-labels"> = {
    profileId,
    kind: "remove-labels",
    stream,
    idempotencyKey: `${stream}/settled/${item.value.updatedAt}`,
    body: { number: item.value.number, labels: left },
  };
  return { kind: "settled", rows: [row] };
}
