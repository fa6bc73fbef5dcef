import type { Issue, PermissionLevel, PullRequest, StateReason } from "@agent-control-plane/core";

/** What we read of GitHub's issue object; pull requests come in issue lists with `pull_request` set. */
export interface RawIssue extends RawItem {
  state_reason?: string | null;
  pull_request?: unknown;
  /** Absent where the forge knows no such relation. */
  issue_dependencies_summary?: { blocked_by?: number; total_blocked_by?: number } | null;
  sub_issues_summary?: { total?: number; completed?: number } | null;
}

interface RawItem {
  number: number;
  title: string;
  body?: string | null;
  html_url: string;
  state: string;
  user: { login: string } | null;
  labels: readonly (string | { name?: string | null })[];
  created_at: string;
  updated_at: string;
}

export interface RawPullRequest extends RawItem {
  merged_at?: string | null;
  draft?: boolean;
  head: { ref: string; sha: string; repo: { full_name: string } | null };
  base: { ref: string };
  requested_reviewers?: readonly { login?: string }[] | null;
  requested_teams?: readonly { slug?: string }[] | null;
}

export function normaliseIssue(raw: RawIssue): Issue {
  const blockers = raw.issue_dependencies_summary;
  const children = raw.sub_issues_summary;
  return {
    ...normaliseItem(raw),
    stateReason: normaliseStateReason(raw.state_reason),
    blockedBy: { open: count(blockers?.blocked_by), total: count(blockers?.total_blocked_by) },
    subIssues: { completed: count(children?.completed), total: count(children?.total) },
  };
}

export function normalisePullRequest(raw: RawPullRequest): PullRequest {
  return {
    ...normaliseItem(raw),
    merged: Boolean(raw.merged_at),
    draft: raw.draft ?? false,
    headRef: raw.head.ref,
    headSha: raw.head.sha,
    headRepo: raw.head.repo?.full_name ?? null,
    baseRef: raw.base.ref,
    requestedReviewers: [
      ...(raw.requested_reviewers ?? []).flatMap(({ login }) => login ?? []),
      ...(raw.requested_teams ?? []).flatMap(({ slug }) => (slug === undefined ? [] : `team/${slug}`)),
    ],
  };
}

/** Null while it is open, and for a reason we do not know: that one counts as no reason, never as completed. */
export function normaliseStateReason(reason: string | null | undefined): StateReason | null {
  return stateReasons.get(reason ?? "") ?? null;
}

/** Custom roles carry a name of their own; what they are worth is in `permission`. */
export function normalisePermission(raw: { permission: string; role_name?: string }): PermissionLevel {
  return levelOf(raw.role_name) ?? levelOf(raw.permission) ?? "none";
}

/** GitHub shows the account `ghost` for authors that were deleted. */
export function loginOf(user: { readonly login?: unknown } | null | undefined): string {
  return typeof user?.login === "string" && user.login !== "" ? user.login : ghost;
}

/** Who did what nobody is named for. Nobody's rights are its rights. */
export const ghost = "ghost";

const levels: readonly string[] = ["admin", "maintain", "write", "triage", "read", "none"];

function levelOf(name: string | undefined): PermissionLevel | null {
  return name !== undefined && levels.includes(name) ? (name as PermissionLevel) : null;
}

const stateReasons: ReadonlyMap<string, StateReason> = new Map([
  ["completed", "completed"],
  ["not_planned", "not-planned"],
  ["duplicate", "duplicate"],
  ["reopened", "reopened"],
]);

function normaliseItem(raw: RawItem) {
  return {
    number: raw.number,
    title: raw.title,
    body: raw.body ?? "",
    url: raw.html_url,
    state: raw.state === "open" ? ("open" as const) : ("closed" as const),
    author: loginOf(raw.user),
    labels: labelNames(raw.labels),
    createdAt: Date.parse(raw.created_at),
    updatedAt: Date.parse(raw.updated_at),
  };
}

function count(value: number | undefined): number {
  return typeof value === "number" ? value : 0;
}

function labelNames(labels: RawIssue["labels"]): string[] {
  return labels.map((label) => (typeof label === "string" ? label : (label.name ?? ""))).filter((name) => name !== "");
}
