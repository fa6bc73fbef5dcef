/**
 * The first schema; what came later is in upgrades.ts.
 *
 * Ids start far from each other and from issue numbers, so that a client which mixes up an id and a number fails loudly
 * instead of touching the wrong thing.
 */
export const schemaText = `
create table users (
  id integer primary key autoincrement,
  login text not null unique collate nocase,
  site_admin integer not null,
  created_at integer not null
) strict;

create table tokens (
  id integer primary key autoincrement,
  user_id integer not null references users (id),
  hash text not null unique,
  scope text not null check (scope in ('read', 'write')),
  created_at integer not null
) strict;

create table repositories (
  id integer primary key autoincrement,
  owner_id integer not null references users (id),
  name text not null collate nocase,
  default_branch text not null,
  has_issues integer not null,
  next_number integer not null default 1,
  created_at integer not null,
  updated_at integer not null,
  pushed_at integer not null,
  unique (owner_id, name)
) strict;

create table permissions (
  repository_id integer not null references repositories (id),
  user_id integer not null references users (id),
  level text not null check (level in ('admin', 'maintain', 'write', 'triage', 'read')),
  primary key (repository_id, user_id)
) strict, without rowid;

create table branches (
  repository_id integer not null references repositories (id),
  name text not null,
  sha text not null,
  primary key (repository_id, name)
) strict, without rowid;

create table labels (
  id integer primary key autoincrement,
  repository_id integer not null references repositories (id),
  name text not null collate nocase,
  color text not null,
  description text,
  unique (repository_id, name)
) strict;

create table issues (
  id integer primary key autoincrement,
  repository_id integer not null references repositories (id),
  number integer not null,
  is_pull integer not null,
  title text not null,
  body text,
  state text not null check (state in ('open', 'closed')),
  state_reason text,
  author_id integer not null references users (id),
  created_at integer not null,
  updated_at integer not null,
  closed_at integer,
  closed_by_id integer references users (id),
  is_deleted integer not null default 0,
  unique (repository_id, number)
) strict;
create index issues_by_state on issues (repository_id, state, created_at);

create table issue_labels (
  issue_id integer not null references issues (id),
  label_id integer not null references labels (id) on delete cascade,
  primary key (issue_id, label_id)
) strict, without rowid;
create index issue_labels_by_label on issue_labels (label_id);

create table comments (
  id integer primary key autoincrement,
  issue_id integer not null references issues (id),
  author_id integer not null references users (id),
  body text not null,
  created_at integer not null,
  updated_at integer not null
) strict;
create index comments_by_issue on comments (issue_id, id);

create table events (
  id integer primary key autoincrement,
  issue_id integer not null references issues (id),
  actor_id integer not null references users (id),
  event text not null,
  label_name text,
  label_color text,
  commit_id text,
  title_before text,
  title_after text,
  created_at integer not null
) strict;
create index events_by_issue on events (issue_id, id);

create table pulls (
  issue_id integer primary key references issues (id),
  head_ref text not null,
  head_sha text not null,
  base_ref text not null,
  base_sha text not null,
  is_draft integer not null,
  merged_at integer,
  merged_by_id integer references users (id),
  merge_sha text,
  additions integer not null,
  deletions integer not null,
  changed_files integer not null,
  commits integer not null
) strict;

create table reviews (
  id integer primary key autoincrement,
  issue_id integer not null references issues (id),
  author_id integer not null references users (id),
  state text not null,
  body text not null,
  commit_id text not null,
  submitted_at integer not null
) strict;
create index reviews_by_issue on reviews (issue_id, id);

create table statuses (
  id integer primary key autoincrement,
  repository_id integer not null references repositories (id),
  sha text not null,
  state text not null,
  context text not null,
  description text,
  target_url text,
  creator_id integer not null references users (id),
  created_at integer not null
) strict;
create index statuses_by_sha on statuses (repository_id, sha, id);

create table check_runs (
  id integer primary key autoincrement,
  repository_id integer not null references repositories (id),
  sha text not null,
  name text not null,
  status text not null,
  conclusion text,
  started_at integer,
  completed_at integer,
  details_url text,
  external_id text,
  output_title text,
  output_summary text,
  output_text text
) strict;
create index check_runs_by_sha on check_runs (repository_id, sha, id);

insert into sqlite_sequence (name, seq) values
  ('users', 1000), ('repositories', 20000), ('labels', 300000), ('issues', 4000000),
  ('comments', 5000000), ('events', 6000000), ('reviews', 7000000), ('statuses', 8000000), ('check_runs', 9000000);
`;
