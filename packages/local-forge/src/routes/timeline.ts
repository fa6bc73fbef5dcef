import type { Hono } from "hono";
import type { Forge } from "../forge.ts";
import { type ApiEnv, issueOf, repositoryOf } from "../http/call.ts";
import { answerSlice } from "../http/pagination.ts";
import { type Issue, issuesMentioning } from "../storage/issues.ts";
import { lineCommentsOfPull } from "../storage/line-comments.ts";
import type { Repository } from "../storage/repositories.ts";
import { type TimelineEntry, timelineItem, timelineOfIssue } from "../storage/timeline.ts";
import { viewCrossReference } from "../views/event.ts";
import { viewLineComment } from "../views/line-comment.ts";
import { nodeId } from "../views/shared.ts";
import { viewTimelineItem } from "../views/timeline.ts";

export function timelineRoutes(api: Hono<ApiEnv>, forge: Forge): void {
  api.get("/repos/:owner/:repo/issues/:number{[0-9]+}/timeline", (c) => {
    const { repository } = repositoryOf(forge, c);
    const issue = issueOf(forge, c, repository);
    const entries = [
      ...timelineOfIssue(forge.db, issue.id).flatMap((entry) => [
        {
          at: entry.at,
          show: () => viewTimelineItem(forge, repository, issue, timelineItem(forge.db, entry)),
        },
        ...lineComments(repository, issue, entry),
      ]),
      ...issuesMentioning(forge.db, repository, issue.number).map((source) => ({
        at: source.created_at,
        show: (): unknown => viewCrossReference(forge, repository, source),
      })),
    ].sort((a, b) => a.at - b.at);
    return answerSlice(c, entries, (entry) => entry.show());
  });

  /** The comments on lines a review brought stand behind it as an entry of their own. */
  function lineComments(repository: Repository, issue: Issue, { kind, item_id: id, at }: TimelineEntry) {
    if (kind !== "review") return [];
    const comments = lineCommentsOfPull(forge.db, issue.id).filter((comment) => comment.review_id === id);
    const shown = () => comments.map((comment) => viewLineComment(forge, repository, issue.number, comment));
    const show = (): unknown => ({ event: "line-commented", node_id: nodeId("LineComments", id), comments: shown() });
    return comments.length === 0 ? [] : [{ at, show }];
  }
}
