/** Places in the line, terms of writes, and what reviews, merges and retention keep. */
export const sql = `
-- Place in the line of what waits for room; null for everything else.
alter table decisions add column place integer;

-- The term of the lease under which a write was wanted: one of a stale session is refused when it is to be sent.
alter table outbox add column term integer;

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

-- Nothing is counted by started sessions any more.
drop index sessions_started_by_task;

-- The term of the task's newest claim: adopting a lease raises the term, too, and makes no write stale.
alter table tasks add column claimed_term integer not null default 0;

-- Whether it is the first pending row of its stream: the only one that may be sent. Kept by the database itself, so that
-- no way of changing a state can forget it, and the next row to send is found at the same cost behind any queue.
alter table outbox add column is_head integer not null default 0;
update outbox set is_head = 1
  where id in (select min(id) from outbox where state = 'pending' group by stream);
-- Whether it waits for its time: the next claim after that puts it back among those that are due, in its old place.
alter table outbox add column is_put_off integer not null default 0;
update outbox set is_put_off = 1 where state = 'pending' and tries > 0;
create index outbox_due on outbox (profile_id, id) where state = 'pending' and is_head = 1 and is_put_off = 0;
create index outbox_put_off on outbox (next_at) where state = 'pending' and is_head = 1 and is_put_off = 1;
create trigger outbox_head_saved after insert on outbox
when new.state = 'pending'
  and not exists (select 1 from outbox o where o.state = 'pending' and o.stream = new.stream and o.id < new.id)
begin
  update outbox set is_head = 1 where id = new.id;
end;
create trigger outbox_head_left after update of state on outbox
when old.state = 'pending' and new.state <> 'pending' and old.is_head = 1
begin
  update outbox set is_head = 0 where id = new.id;
  update outbox set is_head = 1
    where id = (select min(id) from outbox where state = 'pending' and stream = new.stream);
end;
create trigger outbox_head_returned after update of state on outbox
when old.state <> 'pending' and new.state = 'pending'
  and not exists (select 1 from outbox o where o.state = 'pending' and o.stream = new.stream and o.id < new.id)
begin
  update outbox set is_head = 0 where state = 'pending' and stream = new.stream and is_head = 1;
  update outbox set is_head = 1 where id = new.id;
end;

-- What is still to be written to one item, for the net difference of its labels.
create index outbox_pending_labels on outbox (stream, id)
  where state = 'pending' and kind in ('add-labels', 'remove-labels');
create index outbox_begun_by_stream on outbox (stream, id) where state = 'pending' and send_started_at is not null;
create index outbox_needing on outbox (needs_id) where needs_id is not null;

-- Content writes that left, or may have left, with one credential in the last hour.
create table content_writes (
  id integer primary key,
  scope text not null,
  at integer not null
) strict;
create index content_writes_by_scope on content_writes (scope, at);
create index content_writes_oldest on content_writes (at);

-- Whose turn to write it is: one at a time with one credential, whatever the process.
create table write_turns (
  scope text primary key,
  holder text,
  held_until integer not null,
  content_write_id integer,
  ended_at integer
) strict, without rowid;

-- With which credential a profile writes and at what pace, so that what waits can say why. 0: no limit.
create table paced_profiles (
  profile_id text primary key,
  scope text not null,
  per_minute integer not null,
  per_hour integer not null
) strict, without rowid;

-- What became of the merges of a pull request.
create index outbox_merges on outbox (stream, id) where kind = 'merge';

-- Resuming: what a session's conversation with its backend holds, and which session it follows. JSON both.
alter table sessions add column conversation text;
alter table sessions add column resumes text;
create index sessions_by_subject on sessions (profile_id, subject, intended_at, id);

-- What we asked for at a pull request's head: reruns of its checks, a person's review. JSON.
alter table readings add column asked text;
`;
