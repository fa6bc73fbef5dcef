import type { LabelAct, Timeline, TimelineComment, TimelineReview } from "@agent-control-plane/core";
import { loginOf } from "./normalise.ts";
import { pageShape } from "./page-shape.ts";

/** An entry of the timeline we care for, without its place in it. */
export type TimelineEntry =
  | { readonly of: "label"; readonly is: Unplaced<LabelAct> }
  | { readonly of: "comment"; readonly is: Unplaced<TimelineComment> }
  | { readonly of: "rename"; readonly is: Unplaced<Timeline["renames"][number]> }
  | { readonly of: "review"; readonly is: Unplaced<TimelineReview> }
  | { readonly of: "push"; readonly is: Unplaced<Timeline["pushes"][number]> }
  | { readonly of: "queue"; readonly is: Unplaced<QueueAct> };

type QueueAct = NonNullable<Timeline["queued"]>[number];

type Unplaced<T> = Omit<T, "order">;

/** Entries as the forge lists them, oldest first, each with its place. */
export function assembleTimeline(entries: readonly TimelineEntry[]): Timeline {
  const queued = entries.flatMap(({ of, is }, order) => (of === "queue" ? [{ order, ...is }] : []));
  return {
    ...(queued.length > 0 ? { queued } : {}),
    labelActs: entries.flatMap(({ of, is }, order) => (of === "label" ? [{ order, ...is }] : [])),
    comments: entries.flatMap(({ of, is }, order) => (of === "comment" ? [{ order, ...is }] : [])),
    renames: entries.flatMap(({ of, is }, order) => (of === "rename" ? [{ order, ...is }] : [])),
    reviews: entries.flatMap(({ of, is }, order) => (of === "review" ? [{ order, ...is }] : [])),
    pushes: entries.flatMap(({ of, is }, order) => (of === "push" ? [{ order, ...is }] : [])),
  };
}

/** What two readings of one timeline are compared by. */
export function entryMark({ of, is }: TimelineEntry): string {
  switch (of) {
    case "comment":
    case "review":
      return `${of} ${is.id}`;
    case "push":
      return `${is.kind} ${is.sha}`;
    case "label":
      return `${is.kind} ${is.label} ${is.at}`;
    case "rename":
      return `rename ${is.at}`;
    case "queue":
      return `queue ${is.kind} ${is.at}`;
  }
}

/**
 * One entry, or null for kinds that say nothing we decide by, and for what is not an entry. Fields may be missing:
 * deleted accounts, forges of another age. What is missing never grants anything: nobody is `ghost`, no time is the
 * oldest there is for what gives trust and the newest for what takes it away.
 */
export function normaliseTimelineEntry(raw: unknown): TimelineEntry | null {
  if (raw === null || typeof raw !== "object") return null;
  const entry = raw as RawEntry;
  switch (entry.event) {
    case "labeled":
    case "unlabeled":
      return { of: "label", is: normaliseLabelAct(entry) };
    case "commented":
      return { of: "comment", is: normaliseComment(entry) };
    case "renamed":
      return { of: "rename", is: { actor: loginOf(entry.actor), at: instant(entry.created_at) ?? newest } };
    case "reviewed":
      return { of: "review", is: normaliseReview(entry) };
    case "committed":
      return { of: "push", is: { kind: "commit", sha: text(entry.sha) } };
    case "head_ref_force_pushed":
      return { of: "push", is: { kind: "force-push", sha: text(entry.commit_id) } };
    // One without a time is the newest: what waits in a queue is left alone, what has left it is looked at anew.
    case "added_to_merge_queue":
      return { of: "queue", is: { kind: "added", at: instant(entry.created_at) ?? newest } };
    case "removed_from_merge_queue":
      return { of: "queue", is: { kind: "removed", at: instant(entry.created_at) ?? newest } };
    default:
      return null;
  }
}

export const timelineShape = pageShape("timeline-2", normaliseTimelineEntry);

/** An event's fields; which ones there are depends on `event`, and none is sure. */
interface RawEntry {
  readonly event?: unknown;
  readonly id?: unknown;
  readonly actor?: { readonly login?: unknown } | null;
  readonly user?: { readonly login?: unknown } | null;
  readonly label?: { readonly name?: unknown } | null;
  readonly body?: unknown;
  readonly state?: unknown;
  readonly sha?: unknown;
  readonly commit_id?: unknown;
  readonly created_at?: unknown;
  readonly updated_at?: unknown;
  readonly submitted_at?: unknown;
}

function normaliseLabelAct(entry: RawEntry): Unplaced<LabelAct> {
  return {
    kind: entry.event === "labeled" ? "added" : "removed",
    label: text(entry.label?.name),
    actor: loginOf(entry.actor),
    at: instant(entry.created_at) ?? oldest,
  };
}

// The author is in `user`; `actor` is not asked in its place, because only one of them is who wrote the text.
function normaliseComment(entry: RawEntry): Unplaced<TimelineComment> {
  return {
    id: number(entry.id),
    author: loginOf(entry.user),
    body: text(entry.body),
    createdAt: instant(entry.created_at) ?? oldest,
    updatedAt: instant(entry.updated_at) ?? newest,
  };
}

function normaliseReview(entry: RawEntry): Unplaced<TimelineReview> {
  return {
    id: number(entry.id),
    author: loginOf(entry.user),
    state: reviewState(entry.state),
    body: text(entry.body),
    headSha: text(entry.commit_id) || null,
    at: instant(entry.submitted_at) ?? oldest,
  };
}

const oldest = 0;
/** The last instant a Date can hold. */
const newest = 8.64e15;

/** A state we do not know is a mere comment: it approves nothing. */
function reviewState(state: unknown): TimelineReview["state"] {
  switch (text(state).toLowerCase()) {
    case "approved":
      return "approved";
    case "changes_requested":
      return "changes-requested";
    case "dismissed":
      return "dismissed";
    case "pending":
      return "pending";
    default:
      return "commented";
  }
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function number(value: unknown): number {
  return typeof value === "number" ? value : 0;
}

function instant(value: unknown): number | null {
  const at = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? null : at;
}
