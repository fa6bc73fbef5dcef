/**
 * What each later schema adds to the one before, in order: a new folder goes through all of them, an older one through
 * those it lacks. A released entry is never edited.
 */
export const upgrades: readonly string[] = [
  // 2: one line of everything that happened to an issue, kept by triggers so that no writer can forget it.
  `
alter table events add column state_reason text;
alter table events add column reviewer_id integer references users (id);

create table body_edits (
  id integer primary key autoincrement,
  subject text not null check (subject in ('issue', 'comment')),
  subject_id integer not null,
  editor_id integer not null references users (id),
  edited_at integer not null
) strict;
create index body_edits_by_subject on body_edits (subject, subject_id, id);

create table review_requests (
  issue_id integer not null references issues (id),
  user_id integer not null references users (id),
  primary key (issue_id, user_id)
) strict, without rowid;

create table pull_commits (
  id integer primary key autoincrement,
  issue_id integer not null references issues (id),
  sha text not null,
  details text not null,
  created_at integer not null,
  unique (issue_id, sha)
) strict;

create table dependencies (
  issue_id integer not null references issues (id),
  blocked_by_id integer not null references issues (id),
  created_at integer not null,
  primary key (issue_id, blocked_by_id)
) strict, without rowid;
create index dependencies_by_blocker on dependencies (blocked_by_id);

create table sub_issues (
  id integer primary key autoincrement,
  parent_id integer not null references issues (id),
  child_id integer not null unique references issues (id)
) strict;
create index sub_issues_by_parent on sub_issues (parent_id, id);

create table timeline (
  id integer primary key autoincrement,
  issue_id integer not null references issues (id),
  kind text not null check (kind in ('event', 'comment', 'review', 'commit')),
  item_id integer not null,
  at integer not null,
  unique (kind, item_id)
) strict;
create index timeline_by_issue on timeline (issue_id, at, id);

insert into timeline (issue_id, kind, item_id, at)
  select issue_id, kind, id, at from (
    select issue_id, 'event' as kind, id, created_at as at from events
    union all select issue_id, 'comment', id, created_at from comments
    union all select issue_id, 'review', id, submitted_at from reviews where state <> 'PENDING')
   order by at, kind desc, id;

create trigger event_in_timeline after insert on events begin
  insert into timeline (issue_id, kind, item_id, at) values (new.issue_id, 'event', new.id, new.created_at);
end;
create trigger comment_in_timeline after insert on comments begin
  insert into timeline (issue_id, kind, item_id, at) values (new.issue_id, 'comment', new.id, new.created_at);
end;
create trigger comment_out_of_timeline after delete on comments begin
  delete from timeline where kind = 'comment' and item_id = old.id;
end;
create trigger review_in_timeline after insert on reviews when new.state <> 'PENDING' begin
  insert into timeline (issue_id, kind, item_id, at) values (new.issue_id, 'review', new.id, new.submitted_at);
end;
create trigger commit_in_timeline after insert on pull_commits begin
  insert into timeline (issue_id, kind, item_id, at) values (new.issue_id, 'commit', new.id, new.created_at);
end;
create trigger commit_out_of_timeline after delete on pull_commits begin
  delete from timeline where kind = 'commit' and item_id = old.id;
end;
`,
  // 3: forks. A pull request without a head repository came from a fork that is gone.
  `
alter table repositories add column parent_id integer references repositories (id);
alter table repositories add column is_deleted integer not null default 0;
alter table pulls add column head_repository_id integer references repositories (id);
update pulls set head_repository_id = (select repository_id from issues where id = issue_id);
create index pulls_by_head on pulls (head_repository_id, head_ref);
`,
  // 4: check runs belong to a workflow run.
  `
create table workflow_runs (
  id integer primary key autoincrement,
  repository_id integer not null references repositories (id),
  sha text not null,
  name text not null,
  head_branch text,
  run_number integer not null,
  run_attempt integer not null default 1,
  created_at integer not null,
  updated_at integer not null,
  started_at integer not null,
  unique (repository_id, sha, name)
) strict;
insert into sqlite_sequence (name, seq) values ('workflow_runs', 10000000);
insert into workflow_runs (repository_id, sha, name, run_number, created_at, updated_at, started_at)
  select repository_id, sha, 'CI', row_number() over (partition by repository_id order by min(id)), at, at, at from (
    select id, repository_id, sha, coalesce(started_at, 0) as at from check_runs) group by repository_id, sha;
alter table check_runs add column workflow_run_id integer references workflow_runs (id);
update check_runs set workflow_run_id = (
  select w.id from workflow_runs w where w.repository_id = check_runs.repository_id and w.sha = check_runs.sha);
create index check_runs_by_workflow_run on check_runs (workflow_run_id, id);
`,
  // 5: what has to hold before something goes into a branch.
  `
create table branch_rules (
  repository_id integer not null references repositories (id),
  branch text not null,
  rules text not null,
  primary key (repository_id, branch)
) strict, without rowid;
`,
  // 6: comments on lines.
  `
create table line_comments (
  id integer primary key autoincrement,
  issue_id integer not null references issues (id),
  review_id integer not null references reviews (id),
  author_id integer not null references users (id),
  in_reply_to_id integer references line_comments (id),
  path text not null,
  side text not null check (side in ('LEFT', 'RIGHT')),
  line integer not null,
  position integer not null,
  diff_hunk text not null,
  commit_id text not null,
  body text not null,
  created_at integer not null
) strict;
create index line_comments_by_issue on line_comments (issue_id, id);
insert into sqlite_sequence (name, seq) values ('line_comments', 12000000);
`,
  // 7: what is merged later, from a queue or once the rules hold.
  `
create table waiting_merges (
  issue_id integer primary key references issues (id),
  way text not null check (way in ('queue', 'auto')),
  by_id integer not null references users (id),
  method text not null,
  title text,
  message text,
  created_at integer not null
) strict;
`,
  // 8: what jobs printed.
  `
create table job_logs (
  check_run_id integer primary key references check_runs (id),
  signature text not null,
  log text not null
) strict;
`,
  // 9: what checks marked in the code.
  `
create table annotations (
  check_run_id integer not null references check_runs (id),
  position integer not null,
  path text not null,
  line integer not null,
  level text not null check (level in ('failure', 'warning', 'notice')),
  title text,
  message text not null,
  primary key (check_run_id, position)
) strict;
`,
];
