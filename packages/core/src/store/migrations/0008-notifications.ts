/** What people are told of, and the messages that tell them. */
export const sql = `
-- What is not well now, as the last look found it, and what was lately. One that is there again after a short while is
-- the same one.
create table troubles (
  key text primary key,
  kind text not null,
  profile_id text,
  body text not null,
  first_seen_at integer not null,
  -- From when on it has stood for long enough to be told.
  due_at integer not null,
  gone_at integer
) strict, without rowid;

create table notifications (
  id integer primary key autoincrement,
  delivery text not null unique,
  channel text not null,
  message text not null,
  state text not null check (state in ('pending', 'sent', 'failed')),
  tries integer not null default 0,
  next_at integer not null,
  claimed_by text,
  claimed_until integer,
  created_at integer not null,
  ended_at integer,
  answer text
) strict;
create index notifications_by_channel on notifications (channel, created_at);
create index notifications_pending on notifications (next_at) where state = 'pending';

-- Which channel has been told of which trouble. Written with the message, so that a trouble is in one message alone.
create table troubles_told (
  channel text not null,
  key text not null references troubles (key) on delete cascade,
  notification_id integer not null,
  primary key (channel, key)
) strict, without rowid;
create index troubles_told_by_key on troubles_told (key);
`;
