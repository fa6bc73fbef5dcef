import type { Forge } from "../forge.ts";
import { userById } from "../storage/accounts.ts";
import { type Comment, countComments } from "../storage/comments.ts";
import type { Issue } from "../storage/issues.ts";
import { type Label, labelsOfIssue } from "../storage/labels.ts";
import { findPull } from "../storage/pulls.ts";
import { permissionOf, type Repository, reaches } from "../storage/repositories.ts";
import { viewIssueLinks } from "./issue-links.ts";
import { repositoryApi, repositoryPage } from "./repository.ts";
import { isoTime, nodeId, part } from "./shared.ts";
import { viewUser } from "./user.ts";

export function viewIssue(forge: Forge, repository: Repository, issue: Issue) {
  const api = `${repositoryApi(forge, repository)}/issues/${issue.number}`;
  return {
    url: api,
    repository_url: repositoryApi(forge, repository),
    labels_url: `${api}/labels{/name}`,
    comments_url: `${api}/comments`,
    events_url: `${api}/events`,
    html_url: issuePage(forge, repository, issue),
    id: issue.id,
    node_id: nodeId(issue.is_pull ? "PullRequest" : "Issue", issue.id),
    number: issue.number,
    title: issue.title,
    user: viewUser(forge, userById(forge.db, issue.author_id)),
    labels: labelsOfIssue(forge.db, issue.id).map((label) => viewLabel(forge, repository, label)),
    state: issue.state,
    locked: false,
    assignee: null,
    assignees: [],
    milestone: null,
    comments: countComments(forge.db, issue.id),
    created_at: isoTime(issue.created_at),
    updated_at: isoTime(issue.updated_at),
    closed_at: isoTime(issue.closed_at),
    author_association: association(forge, repository, issue.author_id),
    active_lock_reason: null,
    ...(issue.is_pull ? pullSide(forge, repository, issue) : {}),
    body: issue.body,
    closed_by: issue.closed_by_id === null ? null : viewUser(forge, userById(forge.db, issue.closed_by_id)),
    reactions: reactions(api),
    timeline_url: `${api}/timeline`,
    performed_via_github_app: null,
    state_reason: issue.state_reason,
    ...(issue.is_pull ? {} : viewIssueLinks(forge, issue)),
  };
}

export function issuePage(forge: Forge, repository: Repository, issue: { number: number; is_pull: number }): string {
  return `${repositoryPage(forge, repository)}/${issue.is_pull ? "pull" : "issues"}/${issue.number}`;
}

function pullSide(forge: Forge, repository: Repository, issue: Issue) {
  const pull = findPull(forge.db, repository, issue.number);
  const page = issuePage(forge, repository, issue);
  return {
    draft: pull?.is_draft === 1,
    pull_request: {
      url: `${repositoryApi(forge, repository)}/pulls/${issue.number}`,
      html_url: page,
      diff_url: `${page}.diff`,
      patch_url: `${page}.patch`,
      merged_at: isoTime(pull?.merged_at ?? null),
    },
  };
}

export function viewLabel(forge: Forge, repository: Repository, label: Label) {
  return {
    id: label.id,
    node_id: nodeId("Label", label.id),
    url: `${repositoryApi(forge, repository)}/labels/${part(label.name)}`,
    name: label.name,
    color: label.color,
    default: false,
    description: label.description,
  };
}

export function viewComment(forge: Forge, repository: Repository, comment: Comment) {
  const url = `${repositoryApi(forge, repository)}/issues/comments/${comment.id}`;
  return {
    url,
    html_url: `${issuePage(forge, repository, comment)}#issuecomment-${comment.id}`,
    issue_url: `${repositoryApi(forge, repository)}/issues/${comment.number}`,
    id: comment.id,
    node_id: nodeId("IssueComment", comment.id),
    user: viewUser(forge, userById(forge.db, comment.author_id)),
    created_at: isoTime(comment.created_at),
    updated_at: isoTime(comment.updated_at),
    body: comment.body,
    author_association: association(forge, repository, comment.author_id),
    reactions: reactions(url),
    performed_via_github_app: null,
  };
}

export function association(forge: Forge, repository: Repository, userId: number): string {
  if (userId === repository.owner_id) return "OWNER";
  const level = permissionOf(forge.db, repository, userById(forge.db, userId));
  return reaches(level, "read") ? "COLLABORATOR" : "NONE";
}

function reactions(url: string) {
  return {
    url: `${url}/reactions`,
    total_count: 0,
    "+1": 0,
    "-1": 0,
    laugh: 0,
    hooray: 0,
    confused: 0,
    heart: 0,
    rocket: 0,
    eyes: 0,
  };
}
