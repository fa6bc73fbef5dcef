import type { Issue, PermissionLevel, PullRequest } from "@agent-control-plane/core";

/** What we read of GitHub's issue object; pull requests come in issue lists with `pull_request` set. */
export interface RawIssue {
  number: number;
  title: string;
  body?: string | null;
  html_url: string;
  state: string;
  user: { login: string } | null;
  labels: readonly (string | { name?: string | null })[];
  created_at: string;
  updated_at: string;
  pull_request?: unknown;
}

export interface RawPullRequest extends Omit<RawIssue, "pull_request"> {
  merged_at?: string | null;
  draft?: boolean;
  head: { ref: string; sha: string; repo: { full_name: string } | null };
  base: { ref: string };
}

export function normaliseIssue(raw: RawIssue): Issue {
  return {
    number: raw.number,
    title: raw.title,
    body: raw.body ?? "",
    url: raw.html_url,
    state: raw.state === "open" ? "open" : "closed",
    author: loginOf(raw.user),
    labels: labelNames(raw.labels),
    createdAt: Date.parse(raw.created_at),
    updatedAt: Date.parse(raw.updated_at),
  };
}

export function normalisePullRequest(raw: RawPullRequest): PullRequest {
  return {
    ...normaliseIssue(raw),
    merged: Boolean(raw.merged_at),
    draft: raw.draft ?? false,
    headRef: raw.head.ref,
    headSha: raw.head.sha,
    headRepo: raw.head.repo?.full_name ?? null,
    baseRef: raw.base.ref,
  };
}

/** Custom roles carry a name of their own; what they are worth is in `permission`. */
export function normalisePermission(raw: { permission: string; role_name?: string }): PermissionLevel {
  return levelOf(raw.role_name) ?? levelOf(raw.permission) ?? "none";
}

/** GitHub shows the account `ghost` for authors that were deleted. */
export function loginOf(user: { login: string } | null | undefined): string {
  return user?.login ?? "ghost";
}

/** One event of an issue's timeline, as far as labels go. */
export type LabelEvent = { readonly id: string; readonly kind: string; readonly label: string; readonly actor: string };

/** Who put `label` on last; null when it is off or never was on. `events` oldest first; names compare without case. */
export function lastLabelActor(events: readonly LabelEvent[], label: string): string | null {
  const wanted = label.toLowerCase();
  let actor: string | null = null;
  for (const event of events) {
    if (event.label.toLowerCase() !== wanted) continue;
    if (event.kind === "labeled") actor = event.actor;
    if (event.kind === "unlabeled") actor = null;
  }
  return actor;
}

const levels: readonly string[] = ["admin", "maintain", "write", "triage", "read", "none"];

function levelOf(name: string | undefined): PermissionLevel | null {
  return name !== undefined && levels.includes(name) ? (name as PermissionLevel) : null;
}

function labelNames(labels: RawIssue["labels"]): string[] {
  return labels.map((label) => (typeof label === "string" ? label : (label.name ?? ""))).filter((name) => name !== "");
}
