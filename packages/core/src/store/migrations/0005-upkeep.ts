/** What keeps a runtime in order over months. */
export const sql = `
-- When a limit was met first without having been over in between: people are told of it once for each such time.
alter table quotas add column met_at integer not null default 0;

-- What sessions that left the store had spent, by item: budgets are for the whole life of an item. After some years the
-- items of a profile become one row of it, with the empty subject.
create table spend_totals (
  profile_id text not null,
  subject text not null,
  tokens integer not null,
  micros integer not null,
  sessions integer not null,
  unknown_cost integer not null,
  last_at integer not null,
  primary key (profile_id, subject)
) strict, without rowid;
create index spend_totals_oldest on spend_totals (last_at);

-- A session claimed to have spent more than it can have: told in the log once.
alter table sessions add column spend_bounded_at integer;
`;
