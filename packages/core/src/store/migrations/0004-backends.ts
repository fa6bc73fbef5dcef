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

-- Of a pull request that we opened: when all was drawn from its end. What earlier versions opened was drawn from what
-- they had read of it.
alter table outbox add column settled_at integer;
update outbox set settled_at = coalesce(sent_at, created_at) where kind = 'open-pull-request' and state = 'sent';
create index outbox_unsettled_pulls on outbox (profile_id, id)
  where kind = 'open-pull-request' and state = 'sent' and settled_at is null;
`;
