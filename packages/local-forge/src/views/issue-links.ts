import type { Forge } from "../forge.ts";
import { blockedBy, blockersOf, parentOf, subIssuesOf } from "../storage/issue-links.ts";
import type { Issue } from "../storage/issues.ts";
import { repositoryById } from "../storage/repositories.ts";
import { repositoryApi } from "./repository.ts";

/** What an issue shows of its dependencies and sub-issues wherever it stands; `blocked_by` counts the open ones. */
export function viewIssueLinks(forge: Forge, issue: Issue) {
  const blockers = blockersOf(forge.db, issue.id);
  const blocked = blockedBy(forge.db, issue.id);
  const children = subIssuesOf(forge.db, issue.id);
  const completed = children.length - countOpen(children);
  const parent = parentOf(forge.db, issue.id);
  return {
    sub_issues_summary: {
      total: children.length,
      completed,
      percent_completed: children.length === 0 ? 0 : Math.floor((100 * completed) / children.length),
    },
    issue_dependencies_summary: {
      blocked_by: countOpen(blockers),
      total_blocked_by: blockers.length,
      blocking: countOpen(blocked),
      total_blocking: blocked.length,
    },
    ...(parent ? { parent_issue_url: issueApi(forge, parent) } : {}),
  };
}

function countOpen(issues: readonly Issue[]): number {
  return issues.filter((issue) => issue.state === "open").length;
}

function issueApi(forge: Forge, issue: Issue): string {
  return `${repositoryApi(forge, repositoryById(forge.db, issue.repository_id))}/issues/${issue.number}`;
}
