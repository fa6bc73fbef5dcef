import type { SchedulingPolicy } from "../../domain/policy.ts";
import type { IssueReading, LabelAct } from "../../domain/reading.ts";
import type { CandidateIssue } from "../../domain/snapshot.ts";
import { labelSetBy, type Permissions, type Trust, trustOf } from "../trust.ts";
import { freshReading } from "./fresh-reading.ts";

export type OptIn =
  | { readonly kind: "trusted"; readonly actor: string }
  | { readonly kind: "untrusted"; readonly actor: string; readonly permission: string }
  | { readonly kind: "voided"; readonly by: string; readonly detail: string }
  | { readonly kind: "unread"; readonly detail: string };

/**
 * Whose work this is: somebody with permission set the opt-in label on a text, and nobody without permission has
 * changed that text since. What is not known counts as not given.
 */
export function judgeOptIn(
  candidate: CandidateIssue,
  { labels, trust }: Pick<SchedulingPolicy, "labels" | "trust">,
  permissions: Permissions,
): OptIn {
  const reading = freshReading(candidate);
  if (!reading) return unread("it was not read in its present state yet");
  const act = labelSetBy(reading.timeline, labels.ready);
  if (!act) return unread(`its timeline does not show who set the label ${labels.ready}`);
  const trusted = (login: string): Trust => trustOf(login, permissions, trust.labels);
  const setter = trusted(act.actor);
  if (setter === "untrusted") {
    const permission = permissions.get(act.actor.toLowerCase())?.level ?? "none";
    return { kind: "untrusted", actor: act.actor, permission };
  }
  const changes = changesAfter(reading, act);
  const foreign = changes.find(({ by }) => trusted(by) === "untrusted");
  if (foreign && setter === "trusted") return { kind: "voided", ...foreign };
  const unknown = [act.actor, ...changes.map(({ by }) => by)].filter((login) => trusted(login) === "unknown");
  if (unknown.length > 0) return unread(`what ${[...new Set(unknown)].join(", ")} may do here is not known yet`);
  return { kind: "trusted", actor: act.actor };
}

/**
 * The body's edit has a time of whole seconds and no place in the timeline: one in the same second as the label may have
 * come after it, so it counts as later. Renames have their place.
 */
function changesAfter({ edit, timeline }: IssueReading, act: LabelAct): readonly { by: string; detail: string }[] {
  const renames = timeline.renames
    .filter(({ order }) => order > act.order)
    .map(({ actor, at }) => ({ by: actor, detail: `${actor} changed the title at ${iso(at)}` }));
  if (!edit || edit.at < act.at) return renames;
  return [{ by: edit.editor, detail: `${edit.editor} edited the text at ${iso(edit.at)}` }, ...renames];
}

const iso = (at: number): string => new Date(at).toISOString();

const unread = (detail: string): OptIn => ({ kind: "unread", detail });
