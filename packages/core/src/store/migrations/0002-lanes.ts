/** What was read and judged of the forge, pauses, and slots that running tasks hold. */
export const sql = `
-- Not a unique index: a store of before may have two running already, and those end as they are.
create index tasks_running_by_subject on tasks (queue, subject) where state = 'running' and subject <> '';
create trigger tasks_run_one_by_subject before update of state on tasks
when new.state = 'running' and old.state <> 'running' and new.subject <> ''
  and exists (select 1 from tasks twin where twin.queue = new.queue and twin.subject = new.subject
                 and twin.state = 'running' and twin.subject <> '')
begin select raise(abort, 'of a queue and subject one task runs at a time'); end;
create index tasks_ended_by_subject on tasks (queue, subject, lane, id) where finished_at is not null and subject <> '';
create index sessions_started_by_task on sessions (task_id) where started_at is not null;

-- Goes with the lease, whoever deletes that one: also a process of the version before.
create table held_slots (
  task_id integer not null references leases (task_id) on delete cascade,
  slot text not null,
  primary key (task_id, slot)
) strict, without rowid;
create index held_slots_by_slot on held_slots (slot);

-- Sessions live on through an upgrade. What their tasks take of the host is counted from the first claim on, and said
-- in the log, which alone must tell how the tables came to be.
insert into held_slots (task_id, slot)
  select l.task_id, 'host' from leases l join tasks t on t.id = l.task_id where t.lane <> ''
  union select l.task_id, 'profile:' || t.queue from leases l join tasks t on t.id = l.task_id where t.lane <> ''
  union select l.task_id, 'provider:' || s.backend
    from leases l join tasks t on t.id = l.task_id join sessions s on s.task_id = l.task_id
    where t.lane <> '' and s.kind = 'agent' and s.state in ('intended', 'running', 'ended');
insert into events (at, actor, kind, profile_id, subject, task_id, term, body)
  select (select applied_at from migrations where number = 2), 'upgrade', 'task.slots-taken', t.queue,
      nullif(t.subject, ''), t.id, t.term, json_object('slots', json_group_array(h.slot))
    from held_slots h join tasks t on t.id = h.task_id group by t.id;

drop table opt_ins;

create table readings (
  profile_id text not null,
  subject text not null,
  item_updated_at integer not null,
  is_settled integer not null check (is_settled in (0, 1)),
  read_at integer not null,
  head_seen_at integer,
  reading text not null,
  primary key (profile_id, subject)
) strict;

create table permissions (
  profile_id text not null,
  login text not null,
  level text not null,
  checked_at integer not null,
  primary key (profile_id, login)
) strict;

create table pauses (
  -- A profile's id, or '*' for all.
  scope text primary key,
  actor text not null,
  reason text not null,
  at integer not null
) strict;

create table baselines (
  profile_id text not null,
  sha text not null,
  passed integer not null check (passed in (0, 1)),
  summary text not null,
  checked_at integer not null,
  primary key (profile_id, sha)
) strict;

create index decisions_waiting_for_host on decisions (profile_id, decided_at) where reason in ('host-full', 'fair-share');
`;
