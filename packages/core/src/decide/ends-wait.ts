import type { SchedulingPolicy } from "../domain/policy.ts";
import type { Issue, Presence, PullRequest } from "../domain/work-item.ts";
import { hasLabel } from "./trust.ts";

/**
 * Whether the forge says of an item itself, asked for it alone, that work on it which waits for a person is not wanted
 * any more. That it is missing from a list says nothing.
 */
export function endsWait(item: Presence<Issue | PullRequest>, { labels }: Pick<SchedulingPolicy, "labels">): boolean {
  if (item.kind !== "present") return item.kind === "absent";
  if (item.value.state !== "open") return true;
  return !("merged" in item.value) && !hasLabel(item.value, labels.ready);
}
