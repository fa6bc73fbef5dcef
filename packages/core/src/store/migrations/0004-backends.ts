/** What is kept of providers: which model a session speaks with, what was spent, which limits were named. */
export const sql = `
-- Null: the backend's own choice, and sessions of earlier versions.
alter table sessions add column model text;

-- Each time a base branch was broken: one issue of the forge stands for all that waits for it.
create table broken_bases (
  profile_id text not null,
  branch text not null,
  episode integer not null,
  cause text not null check (cause in ('checks', 'verification')),
  -- The newest head it was seen broken at.
  sha text not null,
  green_sha text,
  -- Of the outbox row that makes its issue.
  issue_key text not null,
  opened_at integer not null,
  closed_at integer,
  primary key (profile_id, branch, episode)
) strict;

-- One at a time.
create unique index broken_bases_open on broken_bases (profile_id, branch) where closed_at is null;
`;
