import type { User } from "./accounts.ts";
import type { Database } from "./database.ts";

export interface Repository {
  readonly id: number;
  readonly owner_id: number;
  readonly owner: string;
  readonly name: string;
  readonly default_branch: string;
  readonly has_issues: number;
  readonly created_at: number;
  readonly updated_at: number;
  readonly pushed_at: number;
  /** What it is a fork of. */
  readonly parent_id: number | null;
  readonly is_deleted: number;
}

export const permissionLevels = ["none", "read", "triage", "write", "maintain", "admin"] as const;
export type Permission = (typeof permissionLevels)[number];

const selectRepository = `
  select r.*, u.login as owner from repositories r join users u on u.id = r.owner_id`;

export function findRepository(db: Database, owner: string, name: string): Repository | undefined {
  return db.get<Repository>(`${selectRepository} where u.login = @owner and r.name = @name and r.is_deleted = 0`, {
    owner,
    name,
  });
}

export function repositoryById(db: Database, id: number): Repository {
  const repository = db.get<Repository>(`${selectRepository} where r.id = @id`, { id });
  if (!repository) throw new Error(`repository ${id} is not in the forge's database`);
  return repository;
}

export function allRepositories(db: Database): Repository[] {
  return db.all<Repository>(`${selectRepository} where r.is_deleted = 0 order by r.id`);
}

export function insertRepository(
  db: Database,
  repository: { owner: User; name: string; defaultBranch: string; hasIssues: boolean; parentId?: number },
  now: number,
): Repository {
  db.run(
    `insert into repositories (owner_id, name, default_branch, has_issues, parent_id, created_at, updated_at, pushed_at)
     values (@ownerId, @name, @defaultBranch, @hasIssues, @parentId, @now, @now, @now)`,
    {
      ownerId: repository.owner.id,
      name: repository.name,
      defaultBranch: repository.defaultBranch,
      hasIssues: Number(repository.hasIssues),
      parentId: repository.parentId ?? null,
      now,
    },
  );
  return findRepository(db, repository.owner.login, repository.name) as Repository;
}

export function forksOf(db: Database, repository: Repository): Repository[] {
  return db.all<Repository>(`${selectRepository} where r.parent_id = @id and r.is_deleted = 0 order by r.id desc`, {
    id: repository.id,
  });
}

/** Hides it and what is in it, and frees its name; pull requests from it stay where they were opened. */
export function markRepositoryDeleted(db: Database, repository: Repository): void {
  const { id } = repository;
  db.run("update pulls set head_repository_id = null where head_repository_id = @id", { id });
  db.run("update issues set is_deleted = 1 where repository_id = @id", { id });
  db.run("delete from branches where repository_id = @id", { id });
  db.run("update repositories set is_deleted = 1, name = name || '.deleted.' || id where id = @id", { id });
}

export function setPermission(db: Database, repository: Repository, user: User, level: Permission): void {
  const key = { repositoryId: repository.id, userId: user.id };
  if (level === "none") {
    db.run("delete from permissions where repository_id = @repositoryId and user_id = @userId", key);
    return;
  }
  db.run(
    `insert into permissions (repository_id, user_id, level) values (@repositoryId, @userId, @level)
     on conflict (repository_id, user_id) do update set level = @level`,
    { ...key, level },
  );
}

/** Owners and site administrators may do everything; anyone else what was given. Every repository is private. */
export function permissionOf(db: Database, repository: Repository, user: User): Permission {
  if (user.id === repository.owner_id || user.site_admin === 1) return "admin";
  const row = db.get<{ level: Permission }>(
    "select level from permissions where repository_id = @repositoryId and user_id = @userId",
    { repositoryId: repository.id, userId: user.id },
  );
  return row?.level ?? "none";
}

export function reaches(level: Permission, needed: Permission): boolean {
  return permissionLevels.indexOf(level) >= permissionLevels.indexOf(needed);
}

export function touchRepository(db: Database, repository: Repository, now: number, pushed: boolean): void {
  db.run(
    `update repositories set updated_at = @now, pushed_at = case when @pushed then @now else pushed_at end where id = @id`,
    { id: repository.id, now, pushed: Number(pushed) },
  );
}

/** Takes the next number; issues and pull requests share one sequence. */
export function takeNumber(db: Database, repository: Repository): number {
  const row = db.get<{ taken: number }>(
    "update repositories set next_number = next_number + 1 where id = @id returning next_number - 1 as taken",
    { id: repository.id },
  );
  return (row as { taken: number }).taken;
}
