/** Places in the line, terms of writes, and what reviews, merges and retention keep. */
export const sql = `
-- Place in the line of what waits for room; null for everything else.
alter table decisions add column place integer;

-- The term of the lease under which a write was wanted: one of a stale session is refused when it is to be sent.
alter table outbox add column term integer;

-- Resuming: what a session's conversation with its backend holds, and which session it follows. JSON both.
alter table sessions add column conversation text;
alter table sessions add column resumes text;
create index sessions_by_subject on sessions (profile_id, subject, intended_at, id);
`;
