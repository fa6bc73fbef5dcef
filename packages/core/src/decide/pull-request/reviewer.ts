import type { Provider } from "../../domain/provider.ts";

export function isSecondReview({ lane, payload }: { readonly lane: string; readonly payload?: unknown }): boolean {
  if (lane !== "pr-review" || payload === null || typeof payload !== "object" || !("round" in payload)) return false;
  return payload.round === 2;
}

type Reviewer = Pick<Provider, "backend" | "model">;

/** How independent the second review is of the first, in words for people. Null: nobody knows who made the first. */
export function independenceOf(first: Reviewer | null, second: Reviewer): string {
  if (first === null) return "a fresh session that was told nothing of the first";
  if (second.backend !== first.backend) return "another backend than the first";
  if (second.model !== first.model) return "the same backend with a model of its own, in a fresh session";
  return "the same backend as the first, in a fresh session that was told nothing of it";
}
