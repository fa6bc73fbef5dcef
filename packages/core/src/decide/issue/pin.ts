import { createHash } from "node:crypto";
import type { Timeline, TimelineComment } from "../../domain/reading.ts";
import type { PermissionLevel } from "../../domain/work-item.ts";
import { type Permissions, trustOf } from "../trust.ts";

export type TrustedComments =
  | { readonly kind: "known"; readonly comments: readonly TimelineComment[] }
  /** Of some authors nobody asked yet what they may do: what the work is cannot be said before that. */
  | { readonly kind: "unknown"; readonly ask: readonly string[] };

/** The comments that are part of the work: of people whose comments count, without what we wrote; oldest first. */
export function trustedComments(
  timeline: Pick<Timeline, "comments">,
  permissions: Permissions,
  levels: readonly PermissionLevel[],
  selfLogin: string | null,
): TrustedComments {
  const others = timeline.comments.filter((comment) => !isOurs(comment, selfLogin));
  const ask = others.map(({ author }) => author).filter((login) => trustOf(login, permissions, levels) === "unknown");
  if (ask.length > 0) return { kind: "unknown", ask: [...new Set(ask)] };
  const comments = others
    .filter(({ author }) => trustOf(author, permissions, levels) === "trusted")
    .sort((a, b) => a.order - b.order);
  return { kind: "known", comments };
}

/**
 * Ours end with the hidden mark of our writes. The account may be a person's as well, who quotes one of ours in an
 * answer: then the mark stands before the answer, and the comment is the person's. Where the forge does not say who
 * we are, the mark alone tells; whoever forges it only makes their own comment not count.
 */
function isOurs({ author, body }: TimelineComment, selfLogin: string | null): boolean {
  if (selfLogin !== null && author.toLowerCase() !== selfLogin.toLowerCase()) return false;
  return /^<!-- acp:key=[^\s<>]* -->$/.test(lastLine(body));
}

function lastLine(text: string): string {
  const whole = text.trimEnd();
  return whole.slice(whole.lastIndexOf("\n") + 1);
}

/**
 * What a run is pinned to, in 16 hex digits. Every text has its length before it, so no two different works give the
 * same bytes. Without comments it is the hash of the first versions, whose tasks are in the stores.
 */
export function revisionOf(
  title: string,
  body: string,
  comments: readonly Pick<TimelineComment, "id" | "body">[],
): string {
  const text = `${title.length}\n${title}\n${body}`;
  if (comments.length === 0) return hashOf(text);
  // The first word sets it apart from every text without comments: those begin with a digit.
  const parts = comments.map((comment) => `${comment.id}:${comment.body.length}\n${comment.body}\n`);
  return hashOf(`comments ${comments.length}:${body.length}\n${text}\n${parts.join("")}`);
}

const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 16);
