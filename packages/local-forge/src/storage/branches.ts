import type { Database } from "./database.ts";
import type { Repository } from "./repositories.ts";

export interface Branch {
  readonly name: string;
  readonly sha: string;
}

export interface BranchChange {
  readonly name: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** The branches as last recorded; git is the truth, this is what was already acted on. */
export function recordedBranches(db: Database, repository: Repository): Branch[] {
  return db.all<Branch>("select name, sha from branches where repository_id = @id order by name", {
    id: repository.id,
  });
}

export function recordedBranch(db: Database, repository: Repository, name: string): Branch | undefined {
  return db.get<Branch>("select name, sha from branches where repository_id = @id and name = @name", {
    id: repository.id,
    name,
  });
}

export function recordBranchChange(db: Database, repository: Repository, change: BranchChange): void {
  if (change.after === null) {
    db.run("delete from branches where repository_id = @id and name = @name", { id: repository.id, name: change.name });
    return;
  }
  db.run(
    `insert into branches (repository_id, name, sha) values (@id, @name, @sha)
     on conflict (repository_id, name) do update set sha = @sha`,
    { id: repository.id, name: change.name, sha: change.after },
  );
}

/** Pure: what differs between the recorded branches and the ones git has. */
export function decideBranchChanges(
  recorded: readonly Branch[],
  actual: ReadonlyMap<string, string>,
): readonly BranchChange[] {
  const before = new Map(recorded.map((branch) => [branch.name, branch.sha]));
  const gone = recorded.filter((branch) => !actual.has(branch.name));
  const moved = [...actual].filter(([name, sha]) => before.get(name) !== sha);
  return [
    ...moved.map(([name, after]) => ({ name, before: before.get(name) ?? null, after })),
    ...gone.map(({ name, sha }) => ({ name, before: sha, after: null })),
  ];
}
