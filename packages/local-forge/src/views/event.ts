import type { Forge } from "../forge.ts";
import { userById } from "../storage/accounts.ts";
import type { Comment } from "../storage/comments.ts";
import type { IssueEvent } from "../storage/events.ts";
import type { Issue } from "../storage/issues.ts";
import type { Repository } from "../storage/repositories.ts";
import { viewComment, viewIssue } from "./issue.ts";
import { repositoryApi, viewRepository } from "./repository.ts";
import { isoTime, nodeId } from "./shared.ts";
import { viewUser } from "./user.ts";

export function viewEvent(forge: Forge, repository: Repository, event: IssueEvent) {
  const api = repositoryApi(forge, repository);
  return {
    id: event.id,
    node_id: nodeId("IssueEvent", event.id),
    url: `${api}/issues/events/${event.id}`,
    actor: viewUser(forge, userById(forge.db, event.actor_id)),
    event: event.event,
    commit_id: event.commit_id,
    commit_url: event.commit_id === null ? null : `${api}/commits/${event.commit_id}`,
    created_at: isoTime(event.created_at),
    ...(event.label_name === null ? {} : { label: { name: event.label_name, color: event.label_color } }),
    ...(event.title_before === null ? {} : { rename: { from: event.title_before, to: event.title_after } }),
    ...(event.event === "closed" ? { state_reason: event.state_reason } : {}),
    ...(event.reviewer_id === null ? {} : reviewRequest(forge, event, event.reviewer_id)),
    performed_via_github_app: null,
  };
}

function reviewRequest(forge: Forge, event: IssueEvent, reviewerId: number) {
  return {
    review_requester: viewUser(forge, userById(forge.db, event.actor_id)),
    requested_reviewer: viewUser(forge, userById(forge.db, reviewerId)),
  };
}

/** A comment as an entry of the timeline. */
export function viewCommentEvent(forge: Forge, repository: Repository, comment: Comment) {
  const shown = viewComment(forge, repository, comment);
  return { ...shown, event: "commented", actor: shown.user };
}

/** The entry in the timeline of an issue that `source` mentions. */
export function viewCrossReference(forge: Forge, repository: Repository, source: Issue) {
  return {
    event: "cross-referenced",
    actor: viewUser(forge, userById(forge.db, source.author_id)),
    created_at: isoTime(source.created_at),
    updated_at: isoTime(source.created_at),
    source: {
      type: "issue",
      issue: {
        ...viewIssue(forge, repository, source),
        repository: viewRepository(forge, repository, "read"),
      },
    },
  };
}
