/** What keeps a runtime in order over months. */
export const sql = `
-- When a limit was met first without having been over in between: people are told of it once for each such time.
alter table quotas add column met_at integer not null default 0;

-- A session claimed to have spent more than it can have: told in the log once.
alter table sessions add column spend_bounded_at integer;
`;
