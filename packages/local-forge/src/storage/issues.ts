import type { User } from "./accounts.ts";
import type { Database } from "./database.ts";
import { type Repository, takeNumber } from "./repositories.ts";

/** An issue or the issue side of a pull request (`is_pull`). */
export interface Issue {
  readonly id: number;
  readonly repository_id: number;
  readonly number: number;
  readonly is_pull: number;
  readonly title: string;
  readonly body: string | null;
  readonly state: "open" | "closed";
  readonly state_reason: string | null;
  readonly author_id: number;
  readonly created_at: number;
  readonly updated_at: number;
  readonly closed_at: number | null;
  readonly closed_by_id: number | null;
  readonly is_deleted: number;
}

export interface IssueFilter {
  readonly state: "open" | "closed" | "all";
  readonly labels: readonly string[];
  readonly creator: string | null;
  readonly since: number | null;
  readonly sort: "created" | "updated" | "comments";
  readonly direction: "asc" | "desc";
  readonly page: number;
  readonly perPage: number;
}

export function insertIssue(
  db: Database,
  repository: Repository,
  issue: { title: string; body: string | null; author: User; isPull: boolean },
  now: number,
): Issue {
  const number = takeNumber(db, repository);
  db.run(
    `insert into issues (repository_id, number, is_pull, title, body, state, author_id, created_at, updated_at)
     values (@repositoryId, @number, @isPull, @title, @body, 'open', @authorId, @now, @now)`,
    {
      repositoryId: repository.id,
      number,
      isPull: Number(issue.isPull),
      title: issue.title,
      body: issue.body,
      authorId: issue.author.id,
      now,
    },
  );
  return findIssue(db, repository, number) as Issue;
}

export function findIssue(db: Database, repository: Repository, number: number): Issue | undefined {
  return db.get<Issue>("select * from issues where repository_id = @repositoryId and number = @number", {
    repositoryId: repository.id,
    number,
  });
}

export function issueById(db: Database, id: number): Issue {
  return db.get<Issue>("select * from issues where id = @id", { id }) as Issue;
}

export function listIssues(
  db: Database,
  repository: Repository,
  filter: IssueFilter,
): { rows: Issue[]; total: number } {
  const parameters = {
    repositoryId: repository.id,
    state: filter.state,
    creator: filter.creator,
    since: filter.since,
    labels: JSON.stringify(filter.labels),
    labelCount: filter.labels.length,
  };
  const total = db.get<{ total: number }>(`select count(*) as total ${matching}`, parameters)?.total ?? 0;
  const rows = db.all<Issue>(
    `select i.* ${matching} order by ${sortColumns[filter.sort]} ${filter.direction}, i.number ${filter.direction}
     limit @limit offset @offset`,
    { ...parameters, limit: filter.perPage, offset: (filter.page - 1) * filter.perPage },
  );
  return { rows, total };
}

const sortColumns = {
  created: "i.created_at",
  updated: "i.updated_at",
  comments: "(select count(*) from comments c where c.issue_id = i.id)",
};

const matching = `
  from issues i
 where i.repository_id = @repositoryId and i.is_deleted = 0
   and (@state = 'all' or i.state = @state)
   and (@creator is null or i.author_id = (select id from users where login = @creator))
   and (@since is null or i.updated_at / 1000 >= @since / 1000)
   and (@labelCount = 0 or @labelCount = (
     select count(distinct l.id) from json_each(@labels) wanted
       join labels l on l.repository_id = i.repository_id and l.name = wanted.value collate nocase
       join issue_labels il on il.label_id = l.id and il.issue_id = i.id))`;

export function updateIssueText(
  db: Database,
  issue: Issue,
  text: { title: string; body: string | null },
  now: number,
): void {
  db.run("update issues set title = @title, body = @body, updated_at = @now where id = @id", {
    id: issue.id,
    title: text.title,
    body: text.body,
    now,
  });
}

export function setIssueState(
  db: Database,
  issue: Issue,
  to: { state: "open" | "closed"; reason: string | null; byId: number | null },
  now: number,
): void {
  const closing = to.state === "closed";
  db.run(
    `update issues set state = @state, state_reason = @reason, updated_at = @now, closed_at = @closedAt,
            closed_by_id = @closedById where id = @id`,
    {
      id: issue.id,
      state: to.state,
      reason: to.reason,
      now,
      closedAt: closing ? now : null,
      closedById: closing ? to.byId : null,
    },
  );
}

export function touchIssue(db: Database, issueId: number, now: number): void {
  db.run("update issues set updated_at = @now where id = @issueId", { issueId, now });
}

export function markIssueDeleted(db: Database, issue: Issue): void {
  db.run("update issues set is_deleted = 1 where id = @id", { id: issue.id });
}

export function countOpenIssues(db: Database, repository: Repository): number {
  const row = db.get<{ total: number }>(
    "select count(*) as total from issues where repository_id = @id and state = 'open' and is_deleted = 0",
    { id: repository.id },
  );
  return row?.total ?? 0;
}

/** Issues and pull requests whose text mentions `#number`, oldest first. */
export function issuesMentioning(db: Database, repository: Repository, number: number): Issue[] {
  const candidates = db.all<Issue>(
    `select * from issues where repository_id = @id and is_deleted = 0 and number <> @number and body like @pattern
      order by number`,
    { id: repository.id, number, pattern: `%#${number}%` },
  );
  const mention = new RegExp(`(?<![\\w/])#${number}(?!\\d)`);
  return candidates.filter((issue) => mention.test(issue.body ?? ""));
}
