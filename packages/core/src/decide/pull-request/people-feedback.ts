import type { SchedulingPolicy } from "../../domain/policy.ts";
import type { Timeline, TimelineReview } from "../../domain/reading.ts";
import { type Permissions, trustOf } from "../trust.ts";
import { standingReviews } from "./human-approval.ts";

export interface PeopleFeedback {
  readonly kind: "none" | "requested" | "unchecked";
  /** The reviews that ask for changes and count. */
  readonly requests: readonly TimelineReview[];
  /** Who asks for changes, without our knowing whether that counts. */
  readonly unchecked: readonly string[];
}

/**
 * What people's formal reviews ask for. A request stays, whatever is pushed, until its author approves or somebody
 * dismisses it. Whose comments count in the profile, those reviews count.
 */
export function feedbackOf(
  timeline: Timeline,
  { trust }: Pick<SchedulingPolicy, "trust">,
  permissions: Permissions,
  selfLogin: string | null,
): PeopleFeedback {
  const asking = standingReviews(timeline, selfLogin).filter(({ state }) => state === "changes-requested");
  const by = (wanted: string) => asking.filter(({ author }) => trustOf(author, permissions, trust.comments) === wanted);
  const requests = by("trusted");
  const unchecked = by("unknown").map(({ author }) => author);
  const kind = requests.length > 0 ? "requested" : unchecked.length > 0 ? "unchecked" : "none";
  return { kind, requests, unchecked };
}
