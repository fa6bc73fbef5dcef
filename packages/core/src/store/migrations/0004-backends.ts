/** What is kept of providers: which model a session speaks with, what was spent, which limits were named. */
export const sql = `
-- Null: the backend's own choice, and sessions of earlier versions.
alter table sessions add column model text;
`;
