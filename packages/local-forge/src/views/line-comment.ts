import type { Forge } from "../forge.ts";
import { userById } from "../storage/accounts.ts";
import type { LineComment } from "../storage/line-comments.ts";
import type { Repository } from "../storage/repositories.ts";
import { association, issuePage } from "./issue.ts";
import { repositoryApi } from "./repository.ts";
import { isoTime, nodeId } from "./shared.ts";
import { viewUser } from "./user.ts";

export function viewLineComment(forge: Forge, repository: Repository, number: number, comment: LineComment) {
  const api = repositoryApi(forge, repository);
  const url = `${api}/pulls/comments/${comment.id}`;
  const page = `${issuePage(forge, repository, { number, is_pull: 1 })}#discussion_r${comment.id}`;
  const pull = `${api}/pulls/${number}`;
  return {
    url,
    pull_request_review_id: comment.review_id,
    id: comment.id,
    node_id: nodeId("PullRequestReviewComment", comment.id),
    diff_hunk: comment.diff_hunk,
    path: comment.path,
    commit_id: comment.commit_id,
    original_commit_id: comment.commit_id,
    ...(comment.in_reply_to_id === null ? {} : { in_reply_to_id: comment.in_reply_to_id }),
    user: viewUser(forge, userById(forge.db, comment.author_id)),
    body: comment.body,
    created_at: isoTime(comment.created_at),
    updated_at: isoTime(comment.created_at),
    html_url: page,
    pull_request_url: pull,
    author_association: association(forge, repository, comment.author_id),
    _links: { self: { href: url }, html: { href: page }, pull_request: { href: pull } },
    start_line: null,
    original_start_line: null,
    start_side: null,
    line: comment.line,
    original_line: comment.line,
    side: comment.side,
    position: comment.position,
    original_position: comment.position,
    subject_type: "line",
  };
}
