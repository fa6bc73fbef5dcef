import type { Forge } from "../forge.ts";
import { headRepositoryOfPull } from "../pulls/head-repository.ts";
import { type User, userById } from "../storage/accounts.ts";
import { countComments } from "../storage/comments.ts";
import { labelsOfIssue } from "../storage/labels.ts";
import { lineCommentsOfPull } from "../storage/line-comments.ts";
import type { Pull, Review } from "../storage/pulls.ts";
import type { Permission, Repository } from "../storage/repositories.ts";
import { requestedReviewers } from "../storage/review-requests.ts";
import { waitingMergeOf } from "../storage/waiting-merges.ts";
import { association, issuePage, viewLabel } from "./issue.ts";
import { repositoryApi, viewRepository } from "./repository.ts";
import { isoTime, nodeId } from "./shared.ts";
import { viewUser } from "./user.ts";

/** A pull request as in a list. */
export function viewPullSimple(forge: Forge, repository: Repository, pull: Pull, permission: Permission) {
  const api = repositoryApi(forge, repository);
  const page = issuePage(forge, repository, pull);
  const url = `${api}/pulls/${pull.number}`;
  const issueUrl = `${api}/issues/${pull.number}`;
  const owner = userById(forge.db, repository.owner_id);
  const shownRepository = viewRepository(forge, repository, permission);
  return {
    url,
    id: pull.id,
    node_id: nodeId("PullRequest", pull.id),
    html_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    issue_url: issueUrl,
    number: pull.number,
    state: pull.state,
    locked: false,
    title: pull.title,
    user: viewUser(forge, userById(forge.db, pull.author_id)),
    body: pull.body,
    created_at: isoTime(pull.created_at),
    updated_at: isoTime(pull.updated_at),
    closed_at: isoTime(pull.closed_at),
    merged_at: isoTime(pull.merged_at),
    merge_commit_sha: pull.merged_at === null ? null : pull.merge_sha,
    assignee: null,
    assignees: [],
    requested_reviewers: requestedReviewers(forge.db, pull.id).map((user) => viewUser(forge, user)),
    requested_teams: [],
    labels: labelsOfIssue(forge.db, pull.id).map((label) => viewLabel(forge, repository, label)),
    milestone: null,
    draft: pull.is_draft === 1,
    commits_url: `${url}/commits`,
    review_comments_url: `${url}/comments`,
    review_comment_url: `${api}/pulls/comments{/number}`,
    comments_url: `${issueUrl}/comments`,
    statuses_url: `${api}/statuses/${pull.head_sha}`,
    head: viewHead(forge, repository, pull, shownRepository),
    base: viewEnd(forge, owner, shownRepository, pull.base_ref, pull.base_sha),
    _links: {
      self: { href: url },
      html: { href: page },
      issue: { href: issueUrl },
      comments: { href: `${issueUrl}/comments` },
      review_comments: { href: `${url}/comments` },
      review_comment: { href: `${api}/pulls/comments{/number}` },
      commits: { href: `${url}/commits` },
      statuses: { href: `${api}/statuses/${pull.head_sha}` },
    },
    author_association: association(forge, repository, pull.author_id),
    auto_merge: viewAutoMerge(forge, pull),
    active_lock_reason: null,
  };
}

function viewAutoMerge(forge: Forge, pull: Pull) {
  const waiting = waitingMergeOf(forge.db, pull.id);
  if (waiting?.way !== "auto") return null;
  return {
    enabled_by: viewUser(forge, userById(forge.db, waiting.by_id)),
    merge_method: waiting.method,
    commit_title: waiting.title ?? "",
    commit_message: waiting.message ?? "",
  };
}

/** Whoever sees the pull request sees where it comes from; of a fork that is gone only the author stays. */
function viewHead(
  forge: Forge,
  base: Repository,
  pull: Pull,
  shownBase: ReturnType<typeof viewRepository>,
): ReturnType<typeof viewEnd> {
  const head = headRepositoryOfPull(forge, pull);
  const owner = userById(forge.db, head?.owner_id ?? pull.author_id);
  const repo = head?.id === base.id ? shownBase : head && viewRepository(forge, head, "read");
  return viewEnd(forge, owner, repo, pull.head_ref, pull.head_sha);
}

function viewEnd(forge: Forge, owner: User, repo: ReturnType<typeof viewRepository> | null, ref: string, sha: string) {
  return { label: `${owner.login}:${ref}`, ref, sha, user: viewUser(forge, owner), repo };
}

/** A pull request on its own, with what GitHub works out: mergeability and sizes. */
export function viewPull(
  forge: Forge,
  repository: Repository,
  pull: Pull,
  permission: Permission,
  merge: { mergeable: boolean | null; state: string },
) {
  return {
    ...viewPullSimple(forge, repository, pull, permission),
    merged: pull.merged_at !== null,
    mergeable: merge.mergeable,
    rebaseable: merge.mergeable,
    mergeable_state: merge.state,
    merged_by: pull.merged_by_id === null ? null : viewUser(forge, userById(forge.db, pull.merged_by_id)),
    comments: countComments(forge.db, pull.id),
    review_comments: lineCommentsOfPull(forge.db, pull.id).length,
    maintainer_can_modify: false,
    commits: pull.commits,
    additions: pull.additions,
    deletions: pull.deletions,
    changed_files: pull.changed_files,
  };
}

export function viewReview(forge: Forge, repository: Repository, pull: Pull, review: Review) {
  const page = `${issuePage(forge, repository, pull)}#pullrequestreview-${review.id}`;
  const pullUrl = `${repositoryApi(forge, repository)}/pulls/${pull.number}`;
  return {
    id: review.id,
    node_id: nodeId("PullRequestReview", review.id),
    user: viewUser(forge, userById(forge.db, review.author_id)),
    body: review.body,
    state: review.state,
    html_url: page,
    pull_request_url: pullUrl,
    author_association: association(forge, repository, review.author_id),
    _links: { html: { href: page }, pull_request: { href: pullUrl } },
    submitted_at: isoTime(review.submitted_at),
    commit_id: review.commit_id,
  };
}
