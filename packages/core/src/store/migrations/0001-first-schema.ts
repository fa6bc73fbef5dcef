/** Instants are integer milliseconds, JSON is text. Index names say the query they serve. */
export const sql = `
create table tasks (
  id integer primary key autoincrement,
  queue text not null,
  subject text not null,
  lane text not null,
  dedupe_key text,
  idempotency_key text,
  state text not null check (state in ('scheduled', 'queued', 'running', 'succeeded', 'cancelled', 'dead')),
  priority integer not null,
  run_at integer not null,
  attempts integer not null default 0 check (attempts >= 0),
  max_attempts integer not null check (max_attempts >= 1),
  term integer not null default 0,
  cancel_requested_at integer,
  payload text not null,
  result text not null default 'null',
  reason text,
  created_at integer not null,
  updated_at integer not null,
  finished_at integer,
  check ((finished_at is null) = (state in ('scheduled', 'queued', 'running')))
) strict;
create unique index tasks_live_by_dedupe_key on tasks (dedupe_key)
  where dedupe_key is not null and state in ('scheduled', 'queued', 'running');
create index tasks_newest_by_dedupe_key on tasks (dedupe_key, id) where dedupe_key is not null;
create unique index tasks_by_idempotency_key on tasks (idempotency_key) where idempotency_key is not null;
create index tasks_next_to_claim on tasks (queue, priority desc, id) where state = 'queued';
create index tasks_due on tasks (run_at) where state = 'scheduled';
create index tasks_live_by_queue on tasks (queue, id) where state in ('scheduled', 'queued', 'running');
create index tasks_by_subject on tasks (subject, id) where subject <> '';
create index tasks_dead on tasks (id) where state = 'dead';
create trigger tasks_term_only_grows before update of term on tasks when new.term < old.term
begin select raise(abort, 'the term of a task only grows'); end;

create table leases (
  task_id integer primary key references tasks (id),
  term integer not null,
  -- Empty when handed over: the work is over and any runtime may adopt it.
  owner text not null,
  claimed_at integer not null,
  heartbeat_at integer not null,
  expires_at integer not null
) strict;
create index leases_stale on leases (expires_at);

create table sessions (
  id text primary key,
  profile_id text not null,
  task_id integer not null references tasks (id),
  term integer not null,
  attempt integer not null,
  kind text not null check (kind in ('agent', 'verify')),
  subject text not null,
  lane text not null,
  backend text not null,
  state text not null check (state in ('intended', 'running', 'ended', 'concluded')),
  wrapper text,
  run_dir text not null,
  worktree_path text not null,
  branch text not null,
  start_sha text not null,
  intended_at integer not null,
  started_at integer,
  ended_at integer,
  concluded_at integer,
  ending text,
  outcome text,
  evidence text not null default 'null'
) strict;
create index sessions_open_by_task on sessions (task_id) where state in ('intended', 'running', 'ended');
create index sessions_open_by_profile on sessions (profile_id, intended_at, id)
  where state in ('intended', 'running', 'ended');
create index sessions_by_task on sessions (task_id, intended_at, id);
create index sessions_by_profile on sessions (profile_id, intended_at, id);

-- The history of tries of a task: one row a session, and one a try that failed or was lost without a session.
create table attempts (
  id integer primary key,
  task_id integer not null references tasks (id),
  attempt integer not null,
  term integer not null,
  session_id text unique references sessions (id),
  started_at integer not null,
  ended_at integer,
  exit_reason text,
  reason text,
  summary text
) strict;
create index attempts_by_task on attempts (task_id, id);

create table worktrees (
  path text primary key,
  profile_id text not null,
  session_id text not null,
  state text not null check (state in ('planned', 'ready', 'retiring', 'gone')),
  base_sha text not null,
  rescue_ref text,
  updated_at integer not null
) strict;
create index worktrees_on_disk on worktrees (profile_id) where state <> 'gone';

-- No autoincrement: rows are never deleted, so the next number is always above all others, and one page less is written.
create table events (
  seq integer primary key,
  at integer not null,
  actor text not null,
  kind text not null,
  profile_id text,
  subject text,
  task_id integer,
  session_id text,
  term integer,
  idempotency_key text,
  body text not null
) strict;
create unique index events_by_idempotency_key on events (idempotency_key) where idempotency_key is not null;
create index events_by_task on events (task_id, seq) where task_id is not null;
create index events_by_profile on events (profile_id, seq) where profile_id is not null;
create index events_by_subject on events (subject, seq) where subject is not null;
create trigger events_refuse_update before update on events
begin select raise(abort, 'the event log is append-only'); end;
create trigger events_refuse_delete before delete on events
begin select raise(abort, 'the event log is append-only'); end;
-- "insert or replace" deletes without firing delete triggers.
create trigger events_refuse_replace before insert on events
when exists (select 1 from events where seq = new.seq)
  or exists (select 1 from events where idempotency_key = new.idempotency_key)
begin select raise(abort, 'the event log is append-only'); end;

create table outbox (
  id integer primary key autoincrement,
  profile_id text not null,
  kind text not null,
  stream text not null,
  idempotency_key text not null unique,
  needs_id integer references outbox (id),
  task_id integer references tasks (id),
  session_id text,
  body text not null,
  state text not null check (state in ('pending', 'sent', 'failed', 'dropped')),
  tries integer not null default 0,
  next_at integer not null,
  send_started_at integer,
  claimed_by text,
  claimed_until integer,
  result text not null default 'null',
  last_error text,
  created_at integer not null,
  sent_at integer
) strict;
create index outbox_pending_by_profile on outbox (profile_id, id) where state = 'pending';
create index outbox_pending_by_stream on outbox (stream, id) where state = 'pending';
create index outbox_pending_needing on outbox (needs_id) where state = 'pending' and needs_id is not null;
create index outbox_done_by_profile on outbox (profile_id, id) where state <> 'pending';
create index outbox_failed_by_profile on outbox (profile_id, id) where state = 'failed';
create index outbox_by_task on outbox (task_id) where task_id is not null;

create table cooldowns (
  scope text primary key,
  until_at integer not null,
  reason text not null
) strict;

create table forge_cache (
  credential_key text not null,
  url text not null,
  etag text not null,
  status integer not null,
  link text,
  body text not null,
  fetched_at integer not null,
  primary key (credential_key, url)
) strict;
create index forge_cache_oldest on forge_cache (fetched_at);

create table opt_ins (
  profile_id text not null,
  subject text not null,
  label text not null,
  item_updated_at integer not null,
  actor text not null,
  permission text not null,
  trusted integer not null check (trusted in (0, 1)),
  primary key (profile_id, subject, label)
) strict;

create table decisions (
  profile_id text not null,
  subject text not null,
  lane text not null,
  verdict text not null check (verdict in ('launch', 'hold')),
  reason text not null,
  detail text not null,
  decided_at integer not null,
  primary key (profile_id, subject, lane)
) strict;

create table runtimes (
  id text primary key,
  process text not null,
  host text not null,
  version text not null,
  profile_ids text not null,
  started_at integer not null,
  heartbeat_at integer not null,
  state text not null check (state in ('starting', 'ready', 'draining', 'stopped')),
  last_tick text not null
) strict;
`;
