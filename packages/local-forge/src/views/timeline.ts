import type { Forge } from "../forge.ts";
import type { Commit } from "../git/reading.ts";
import type { Issue } from "../storage/issues.ts";
import { findPull, type Pull } from "../storage/pulls.ts";
import type { Repository } from "../storage/repositories.ts";
import type { TimelineItem } from "../storage/timeline.ts";
import { viewCommit } from "./commit.ts";
import { viewCommentEvent, viewEvent } from "./event.ts";
import { viewReview } from "./pull.ts";

/** One entry of an issue's or pull request's timeline. */
export function viewTimelineItem(forge: Forge, repository: Repository, issue: Issue, item: TimelineItem): unknown {
  switch (item.kind) {
    case "event":
      return viewEvent(forge, repository, item.event);
    case "comment":
      return viewCommentEvent(forge, repository, item.comment);
    case "commit":
      return viewCommitted(forge, repository, item.commit);
    case "review": {
      const pull = findPull(forge.db, repository, issue.number) as Pull;
      const shown = viewReview(forge, repository, pull, item.review);
      return { ...shown, event: "reviewed", state: shown.state.toLowerCase() };
    }
  }
}

/** GitHub says neither who pushed a commit nor when: only its place in the list tells. */
function viewCommitted(forge: Forge, repository: Repository, commit: Commit) {
  const { sha, node_id, html_url, parents, commit: inner } = viewCommit(forge, repository, commit);
  const { author, committer, message, tree, url, verification } = inner;
  return { event: "committed", sha, node_id, url, html_url, author, committer, tree, message, parents, verification };
}
