import type { SchedulingPolicy } from "../../domain/policy.ts";
import type { Timeline } from "../../domain/reading.ts";
import type { PullRequest } from "../../domain/work-item.ts";
import { isInRepository, isOnAgentBranch } from "../branches.ts";
import { hasLabel, labelSetBy, type Permissions, trustOf } from "../trust.ts";

/** Whether our agents may work on a pull request. `unknown`: handed over, by somebody we know too little about. */
export type Management =
  | { readonly kind: "managed"; readonly by: "branch" | "handoff" }
  | { readonly kind: "fork"; readonly headRepo: string | null }
  | { readonly kind: "not-managed" }
  | { readonly kind: "handoff-untrusted"; readonly actor: string }
  | { readonly kind: "unknown"; readonly because: string };

/**
 * Ours by its branch, or handed over by somebody who may. No text makes one ours, whoever wrote it, and a fork never
 * is: what is in it is anybody's, and we could not push to it. A head repository that was deleted was a fork.
 *
 * `slug` is our repository as `owner/name`; `timeline` is null while it was not read.
 */
export function managementOf(
  pullRequest: PullRequest,
  timeline: Timeline | null,
  slug: string,
  { profileId, labels, trust }: Pick<SchedulingPolicy, "profileId" | "labels" | "trust">,
  permissions: Permissions,
): Management {
  if (!isInRepository(pullRequest, slug)) return { kind: "fork", headRepo: pullRequest.headRepo };
  if (isOnAgentBranch(pullRequest, profileId, slug)) return { kind: "managed", by: "branch" };
  if (!hasLabel(pullRequest, labels.handoff)) return { kind: "not-managed" };
  if (!timeline) return { kind: "unknown", because: `who set ${labels.handoff} was not read yet` };
  const act = labelSetBy(timeline, labels.handoff);
  if (!act) return { kind: "unknown", because: `the timeline does not show who set ${labels.handoff}` };
  switch (trustOf(act.actor, permissions, trust.labels)) {
    case "trusted":
      return { kind: "managed", by: "handoff" };
    case "untrusted":
      return { kind: "handoff-untrusted", actor: act.actor };
    case "unknown":
      return { kind: "unknown", because: `what ${act.actor} may do was not asked yet` };
  }
}
