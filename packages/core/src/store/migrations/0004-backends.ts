/** What is kept of providers: which model a session speaks with, what was spent, which limits were named. */
export const sql = `
-- Null: the backend's own choice, and sessions of earlier versions.
alter table sessions add column model text;
-- Null: the backend's name, and no entry of the profile's pools.
alter table sessions add column account text;
alter table sessions add column pool text;

-- Limits of providers that sessions met: in force until reset_at, then unproven until a session shows that one is over.
create table quotas (
  -- account/backend/model/window
  scope text primary key,
  account text not null,
  backend text not null,
  -- '*': every model; 'default': the backend's own choice
  model text not null,
  "window" text not null,
  reset_at integer not null,
  reason text not null,
  source text not null check (source in ('structured', 'text', 'guess')),
  seen_at integer not null,
  -- How often it was met without being shown to be over in between.
  hits integer not null check (hits > 0)
) strict;

-- Until now a limit was one of its whole backend.
insert into quotas (scope, account, backend, model, "window", reset_at, reason, source, seen_at, hits)
  select substr(scope, 10) || '/' || substr(scope, 10) || '/*/usage', substr(scope, 10), substr(scope, 10), '*', 'usage',
         until_at, reason, 'guess', 0, 1
    from cooldowns where scope like 'provider:%';
delete from cooldowns where scope like 'provider:%';
`;
