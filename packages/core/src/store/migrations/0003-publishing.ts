/** Places in the line, terms of writes, and what reviews, merges and retention keep. */
export const sql = `
-- Place in the line of what waits for room; null for everything else.
alter table decisions add column place integer;

-- The term of the lease under which a write was wanted: one of a stale session is refused when it is to be sent.
alter table outbox add column term integer;

-- Nothing is counted by started sessions any more.
drop index sessions_started_by_task;

-- Retention. What left the log is older than at; nothing else is ever deleted from it. looked_at: the time
-- retention counted from when it last looked, which moves by two days at most, however far a clock jumps.
create table log_horizon (
  id integer primary key check (id = 1),
  at integer not null,
  looked_at integer not null
) strict;
drop trigger events_refuse_delete;
create trigger events_refuse_delete before delete on events
when old.at >= coalesce((select at from log_horizon where id = 1), old.at)
begin select raise(abort, 'the event log is append-only: this is younger than what retention may remove'); end;
create trigger log_horizon_only_grows before update of at on log_horizon when new.at < old.at
begin select raise(abort, 'the horizon of the event log only grows'); end;
create index tasks_ended_at on tasks (finished_at) where finished_at is not null;
create index events_without_task on events (at) where task_id is null;
create index events_of_session_alone on events (session_id) where task_id is null and session_id is not null;

-- Null: its files lie where it ran.
alter table sessions add column archived_at integer;
create index sessions_to_archive on sessions (profile_id) where state = 'concluded' and archived_at is null;
`;
