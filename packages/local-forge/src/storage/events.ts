import type { User } from "./accounts.ts";
import type { Database } from "./database.ts";

/** What happened to an issue or pull request, and by whom: `labeled`, `closed`, `merged`, ... */
export interface IssueEvent {
  readonly id: number;
  readonly issue_id: number;
  readonly actor_id: number;
  readonly event: string;
  readonly label_name: string | null;
  readonly label_color: string | null;
  readonly commit_id: string | null;
  readonly title_before: string | null;
  readonly title_after: string | null;
  readonly state_reason: string | null;
  readonly reviewer_id: number | null;
  readonly created_at: number;
}

export interface EventDetails {
  readonly label?: { readonly name: string; readonly color: string };
  readonly commitId?: string;
  readonly rename?: { readonly from: string; readonly to: string };
  /** Why it was closed. */
  readonly stateReason?: string | null;
  /** Whose review was asked for, or no longer. */
  readonly reviewer?: User;
}

export function recordEvent(
  db: Database,
  issueId: number,
  actor: User,
  event: string,
  now: number,
  details: EventDetails = {},
): void {
  db.run(
    `insert into events (issue_id, actor_id, event, label_name, label_color, commit_id, title_before, title_after,
       state_reason, reviewer_id, created_at)
     values (@issueId, @actorId, @event, @labelName, @labelColor, @commitId, @titleBefore, @titleAfter,
       @stateReason, @reviewerId, @now)`,
    {
      issueId,
      actorId: actor.id,
      event,
      labelName: details.label?.name ?? null,
      labelColor: details.label?.color ?? null,
      commitId: details.commitId ?? null,
      titleBefore: details.rename?.from ?? null,
      titleAfter: details.rename?.to ?? null,
      stateReason: details.stateReason ?? null,
      reviewerId: details.reviewer?.id ?? null,
      now,
    },
  );
}

export function eventsOfIssue(db: Database, issueId: number): IssueEvent[] {
  return db.all<IssueEvent>("select * from events where issue_id = @issueId order by id", { issueId });
}
