/** What is kept of providers: which model a session speaks with, what was spent, which limits were named. */
export const sql = `
-- As it was asked for: limits are counted by it. Null: the backend's own choice, and sessions of earlier versions.
alter table sessions add column model text;
-- As the program names it in its stream.
alter table sessions add column served_model text;
-- Null: the backend's name, and no entry of the profile's pools.
alter table sessions add column account text;
alter table sessions add column pool text;

-- Limits of providers that sessions met: in force until reset_at, then unproven until a session shows that one is over.
create table quotas (
  -- account/backend/model/window
  scope text primary key,
  account text not null,
  backend text not null,
  -- '*': every model; 'default': the backend's own choice
  model text not null,
  "window" text not null,
  reset_at integer not null,
  reason text not null,
  source text not null check (source in ('structured', 'text', 'guess')),
  seen_at integer not null,
  -- How often it was met without being shown to be over in between.
  hits integer not null check (hits > 0)
) strict;

-- Until now a limit was one of its whole backend.
insert into quotas (scope, account, backend, model, "window", reset_at, reason, source, seen_at, hits)
  select substr(scope, 10) || '/' || substr(scope, 10) || '/*/usage', substr(scope, 10), substr(scope, 10), '*', 'usage',
         until_at, reason, 'guess', 0, 1
    from cooldowns where scope like 'provider:%';
delete from cooldowns where scope like 'provider:%';

-- What a session has spent so far: its running total as the backend counts it (JSON), where its money is known from
-- (null: nowhere), and the same as sums are made of it: tokens of all kinds, millionths of a US dollar.
alter table sessions add column usage text;
alter table sessions add column cost_kind text check (cost_kind in ('reported', 'priced', 'local'));
alter table sessions add column spent_tokens integer not null default 0;
alter table sessions add column spent_micros integer not null default 0;

-- The running total of a session by quarters of an hour, so that what was spent in a day is known in any time zone:
-- the difference between the totals at its end and at its begin. Days of all zones begin at a quarter of an hour.
create table spend (
  session_id text not null references sessions (id) on delete cascade,
  quarter_at integer not null,
  profile_id text not null,
  tokens integer not null,
  micros integer not null,
  primary key (session_id, quarter_at)
) strict, without rowid;
create index spend_by_quarter on spend (profile_id, quarter_at);

-- A person lets an item spend more; base: what had been spent on it by then.
create table budget_raises (
  id integer primary key,
  profile_id text not null,
  subject text not null,
  usd real,
  tokens integer,
  base_tokens integer not null,
  base_micros integer not null,
  actor text not null,
  reason text not null,
  at integer not null
) strict;
create index budget_raises_by_subject on budget_raises (profile_id, subject, id);

-- Of which limit reached people were told, so that they are told once.
create table budget_receipts (
  key text primary key,
  profile_id text not null,
  subject text not null,
  at integer not null
) strict, without rowid;

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
