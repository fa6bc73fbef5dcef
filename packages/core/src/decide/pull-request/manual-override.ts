import type { SchedulingPolicy } from "../../domain/policy.ts";
import type { Timeline } from "../../domain/reading.ts";
import type { PullRequest } from "../../domain/work-item.ts";
import { hasLabel, labelSetBy, type Permissions, trustOf } from "../trust.ts";
import { lastPushOrder } from "./human-approval.ts";

/** `order` is that of the act that set the label: it names this override among others of the same head. */
export type Override =
  | { readonly kind: "none" }
  | { readonly kind: "forced"; readonly by: string; readonly order: number }
  | { readonly kind: "void"; readonly because: string }
  | { readonly kind: "unknown"; readonly because: string };

/**
 * Whether a person forces one more repair. It is one: a push after the label uses it up, and we leave the label, which
 * is a person's, where it is. Set again, it forces again.
 */
export function overrideOf(
  pullRequest: PullRequest,
  timeline: Timeline,
  { labels, trust }: Pick<SchedulingPolicy, "labels" | "trust">,
  permissions: Permissions,
): Override {
  const label = labels.manualFixOverride;
  if (!hasLabel(pullRequest, label)) return { kind: "none" };
  const act = labelSetBy(timeline, label);
  if (!act) return { kind: "unknown", because: `the timeline does not show who set ${label}` };
  if (act.order < lastPushOrder(timeline)) return { kind: "void", because: `pushed to since ${label} was set` };
  switch (trustOf(act.actor, permissions, trust.labels)) {
    case "trusted":
      return { kind: "forced", by: act.actor, order: act.order };
    case "untrusted":
      return { kind: "void", because: `${act.actor}, who set ${label}, may not` };
    case "unknown":
      return { kind: "unknown", because: `what ${act.actor} may do was not asked yet` };
  }
}
