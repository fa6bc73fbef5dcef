/** What people are shown: what decisions are about, and how things went over time. */
export const sql = `
-- Its title, where it is read, and what of it no other table says; null: not known. Whatever it says, it changes no decision.
alter table decisions add column about text;

-- At most one in five minutes for each profile, whichever runtime came first.
create table samples (
  at integer not null,
  profile_id text not null,
  running integer not null,
  waiting integer not null,
  pending integer not null,
  oldest_wait_s integer not null,
  -- Of the day so far.
  tokens integer not null,
  micros integer not null,
  allowance_left integer,
  primary key (at, profile_id)
) strict;
create index samples_by_profile on samples (profile_id, at);

-- What was published today is counted without a look at what was published before.
create index outbox_sent_at on outbox (profile_id, sent_at, kind) where state = 'sent';
`;
