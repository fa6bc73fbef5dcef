import type { SchedulingPolicy } from "../../domain/policy.ts";

/** The backend whose session does a piece of work: the second review of a head may have one of its own. */
export function backendOf(
  work: { readonly lane: string; readonly payload?: unknown },
  { backend, reviews }: Pick<SchedulingPolicy, "backend" | "reviews">,
): string {
  return isSecondReview(work) ? (reviews.second.backend ?? backend) : backend;
}

/** The model of that session; `otherwise`: what the profile has for its backend. */
export function modelOf(
  work: { readonly lane: string; readonly payload?: unknown },
  { reviews }: Pick<SchedulingPolicy, "reviews">,
  otherwise: string | null,
): string | null {
  return (isSecondReview(work) ? reviews.second.model : null) ?? otherwise;
}

export function isSecondReview({ lane, payload }: { readonly lane: string; readonly payload?: unknown }): boolean {
  if (lane !== "pr-review" || payload === null || typeof payload !== "object" || !("round" in payload)) return false;
  return payload.round === 2;
}

/** How independent the second review is of the first, in words for people. */
export function independenceOf({
  backend,
  reviews: { second },
}: Pick<SchedulingPolicy, "backend" | "reviews">): string {
  if (second.backend !== null && second.backend !== backend) return "another backend than the first";
  if (second.model !== null) return "the same backend with a model of its own, in a fresh session";
  return "the same backend as the first, in a fresh session that was told nothing of it";
}
