/** Places in the line, terms of writes, and what reviews, merges and retention keep. */
export const sql = `
-- Place in the line of what waits for room; null for everything else.
alter table decisions add column place integer;

-- The term of the lease under which a write was wanted: one of a stale session is refused when it is to be sent.
alter table outbox add column term integer;

-- What became of the merges of a pull request.
create index outbox_merges on outbox (stream, id) where kind = 'merge';
`;
