/** Flows: graphs of tasks that run on the same queue. */
export const sql = `
create table flows (
  id text primary key,
  name text not null,
  state text not null check (state in ('running', 'paused', 'succeeded', 'failed', 'cancelled')),
  ending text check (ending in ('fail', 'cancel')),
  reason text,
  -- Less its tasks.
  plan text not null,
  folder text not null,
  submitted_by text not null,
  created_at integer not null,
  deadline_at integer,
  finished_at integer,
  revision integer not null default 1,
  -- Attempts of all tasks, and what their sessions have spent, for the flow's budget.
  attempts integer not null default 0,
  spent_tokens integer not null default 0,
  spent_micros integer not null default 0,
  last_seq integer not null default 0,
  -- Up to which message the outbox file was written, at least.
  written_seq integer not null default 0,
  keeper_task_id integer,
  -- How telling the callback of the end stands.
  callback text,
  -- The end of what was applied of the inbox.
  inbox_file text,
  inbox_offset integer not null default 0,
  inbox_line integer not null default 0,
  check ((finished_at is null) = (state in ('running', 'paused')))
) strict;
create index flows_by_age on flows (created_at, id);
create index flows_live_by_age on flows (created_at, id) where finished_at is null;
create index flows_by_deadline on flows (deadline_at)
  where deadline_at is not null and finished_at is null and ending is null;
create index flows_ended_at on flows (finished_at) where finished_at is not null;

create table flow_tasks (
  flow_id text not null references flows (id) on delete cascade,
  id text not null,
  position integer not null,
  spec text not null,
  state text not null check (state in ('waiting', 'queued', 'running', 'judging', 'asking',
    'succeeded', 'failed', 'skipped', 'cancelled')),
  reason text,
  summary text,
  queue_task_id integer references tasks (id),
  round integer not null default 0,
  attempts integer not null default 0,
  lost integer not null default 0,
  result text not null default 'null',
  feedback text,
  attempt_folder text,
  started_at integer,
  finished_at integer,
  -- How many of the tasks that it needs do not let it begin yet.
  unmet integer not null check (unmet >= 0),
  -- Who judges its work.
  judge text,
  is_judged integer not null default 0 check (is_judged in (0, 1)),
  is_tolerated integer not null default 0 check (is_tolerated in (0, 1)),
  -- Of a queued task: not before; null: now.
  due_at integer,
  -- What the queries ask for of the spec.
  worker text not null,
  group_name text not null,
  priority integer not null,
  on_fail text not null,
  judges text,
  rounds integer not null,
  ask text,
  primary key (flow_id, id),
  check ((finished_at is null) = (state in ('waiting', 'queued', 'running', 'judging', 'asking')))
) strict;
create unique index flow_tasks_by_position on flow_tasks (flow_id, position);
create unique index flow_tasks_by_folder on flow_tasks (flow_id, lower(id));
create index flow_tasks_by_queue_task on flow_tasks (queue_task_id) where queue_task_id is not null;
-- The first of each kind that may begin is found at the same cost in any flow.
create index flow_tasks_to_begin on flow_tasks (flow_id, worker, group_name, priority desc, position)
  where state = 'queued' and due_at is null;
create index flow_tasks_put_off on flow_tasks (flow_id, due_at) where state = 'queued' and due_at is not null;
create index flow_tasks_open on flow_tasks (flow_id) where finished_at is null;
-- What each worker is told of the flow: what has ended, the newest first.
create index flow_tasks_ended on flow_tasks (flow_id, finished_at desc, position desc) where finished_at is not null;
create index flow_tasks_failed on flow_tasks (flow_id) where state = 'failed' and is_tolerated = 0;

create table flow_needs (
  flow_id text not null references flows (id) on delete cascade,
  task_id text not null,
  needs_id text not null,
  primary key (flow_id, task_id, needs_id)
) strict, without rowid;
create index flow_needs_by_need on flow_needs (flow_id, needs_id, task_id);

-- How many tasks are in each state. Kept by the database itself, so that no way of changing a state can forget it.
create table flow_counts (
  flow_id text not null references flows (id) on delete cascade,
  state text not null,
  tasks integer not null,
  primary key (flow_id, state)
) strict, without rowid;
create trigger flow_task_counted after insert on flow_tasks
begin
  insert into flow_counts (flow_id, state, tasks) values (new.flow_id, new.state, 1)
    on conflict (flow_id, state) do update set tasks = tasks + 1;
end;
create trigger flow_task_moved after update of state on flow_tasks when old.state <> new.state
begin
  update flow_counts set tasks = tasks - 1 where flow_id = old.flow_id and state = old.state;
  insert into flow_counts (flow_id, state, tasks) values (new.flow_id, new.state, 1)
    on conflict (flow_id, state) do update set tasks = tasks + 1;
end;
create trigger flow_spend_counted after update of spent_tokens, spent_micros on sessions
when new.profile_id glob 'flow:*'
begin
  update flows set spent_tokens = spent_tokens + new.spent_tokens - old.spent_tokens,
      spent_micros = spent_micros + new.spent_micros - old.spent_micros
    where id = substr(new.profile_id, 6);
end;

create table flow_decisions (
  ref text primary key,
  flow_id text not null references flows (id) on delete cascade,
  task_id text not null,
  kind text not null check (kind in ('failure', 'verdict')),
  question text not null,
  options text not null,
  state text not null check (state in ('open', 'answered', 'expired', 'void')),
  answer text,
  answered_by text,
  asked_at integer not null,
  expires_at integer,
  fallback text,
  answered_at integer
) strict;
create index flow_decisions_by_flow on flow_decisions (flow_id, asked_at, ref);
create unique index flow_decisions_open_by_task on flow_decisions (flow_id, task_id) where state = 'open';
create index flow_decisions_expiring on flow_decisions (expires_at) where state = 'open' and expires_at is not null;

create table flow_messages (
  flow_id text not null references flows (id) on delete cascade,
  seq integer not null,
  at integer not null,
  type text not null,
  task_id text,
  body text not null,
  primary key (flow_id, seq)
) strict;

-- Ids of commands that the inbox held, so that a repeat is known.
create table flow_commands (
  flow_id text not null references flows (id) on delete cascade,
  id text not null,
  line integer not null,
  at integer not null,
  primary key (flow_id, id)
) strict, without rowid;
`;
