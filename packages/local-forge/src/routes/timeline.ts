import type { Hono } from "hono";
import type { Forge } from "../forge.ts";
import { type ApiEnv, issueOf, repositoryOf } from "../http/call.ts";
import { answerSlice } from "../http/pagination.ts";
import { issuesMentioning } from "../storage/issues.ts";
import { timelineItem, timelineOfIssue } from "../storage/timeline.ts";
import { viewCrossReference } from "../views/event.ts";
import { viewTimelineItem } from "../views/timeline.ts";

export function timelineRoutes(api: Hono<ApiEnv>, forge: Forge): void {
  api.get("/repos/:owner/:repo/issues/:number{[0-9]+}/timeline", (c) => {
    const { repository } = repositoryOf(forge, c);
    const issue = issueOf(forge, c, repository);
    const entries = [
      ...timelineOfIssue(forge.db, issue.id).map((entry) => ({
        at: entry.at,
        show: () => viewTimelineItem(forge, repository, issue, timelineItem(forge.db, entry)),
      })),
      ...issuesMentioning(forge.db, repository, issue.number).map((source) => ({
        at: source.created_at,
        show: (): unknown => viewCrossReference(forge, repository, source),
      })),
    ].sort((a, b) => a.at - b.at);
    return answerSlice(c, entries, (entry) => entry.show());
  });
}
