import { isSecondReview, type Profile, type Task } from "@agent-control-plane/core";

/** Pure. The model a backend does a piece of work with: the second review of a head may have one of its own. */
export function modelOf(
  { execution, reviews }: Profile,
  backend: string,
  work: { readonly lane: string; readonly payload?: Task["payload"] },
): string | null {
  const settings = backend === "claude" ? execution.claude : backend === "codex" ? execution.codex : null;
  if (settings === null) return null;
  return (isSecondReview(work) ? reviews.second.model : null) ?? settings.model;
}
