import { existsSync } from "node:fs";
import { createFork } from "./create-fork.ts";
import { deleteRepository } from "./delete-repository.ts";
import { followGit } from "./follow-git.ts";
import type { Forge } from "./forge.ts";
import { createBareRepository } from "./git/bare-repository.ts";
import { mergeWaiting, runMergeQueue } from "./pulls/merge-waiting.ts";
import { refuseBadName } from "./repository-name.ts";
import { setChecks, type WantedChecks } from "./set-checks.ts";
import { createToken, ensureUser, type TokenScope, type User, userByLogin } from "./storage/accounts.ts";
import { type BranchRules, setBranchRules } from "./storage/branch-rules.ts";
import { findIssue, markIssueDeleted } from "./storage/issues.ts";
import {
  findRepository,
  insertRepository,
  type Permission,
  permissionLevels,
  type Repository,
  setPermission,
} from "./storage/repositories.ts";

export interface NewRepository {
  readonly owner: string;
  readonly name: string;
  /** `main`, or the branch the import is on. */
  readonly defaultBranch?: string;
  /** A git repository or bundle on this machine. Its current branch is copied, itself only read. */
  readonly importFrom?: string;
  readonly hasIssues?: boolean;
}

/** What an operator does to a forge and GitHub's API does not offer. Each throws an Error that says what to correct. */
export interface Administration {
  /** Also answers when the user is there already; `siteAdmin` then changes only when it is given. */
  createUser(user: { login: string; siteAdmin?: boolean }): void;
  createToken(wanted: { login: string; scopes?: TokenScope }): string;
  createRepository(repository: NewRepository): Promise<{ fullName: string; defaultBranch: string }>;
  /** A copy that belongs to `owner`, who can open pull requests from it. */
  createFork(wanted: { repository: string; owner: string; name?: string }): Promise<{ fullName: string }>;
  /** Pull requests from it elsewhere stay, without a head repository. */
  deleteRepository(repository: string): Promise<void>;
  /** What an automation would report: pending or finished checks of one workflow on a commit. */
  setChecks(wanted: WantedChecks): Promise<{ workflowRunId: number; checkRunIds: Record<string, number> }>;
  /** Rules left out ask nothing; null takes all away. */
  protectBranch(repository: string, branch: string, rules: Partial<BranchRules> | null): void;
  /** Merges what stands in the merge queues of a repository, as automation would; answers the numbers merged. */
  runMergeQueue(repository: string): Promise<number[]>;
  /** `repository` is `owner/name`. */
  setPermission(repository: string, login: string, level: Permission): void;
  /** GitHub answers 410 for a deleted issue. */
  deleteIssue(repository: string, number: number): void;
}

export function createAdministration(forge: Forge): Administration {
  return {
    createUser: ({ login, siteAdmin }) => {
      ensureUser(forge.db, login, siteAdmin, forge.now());
    },
    createToken: ({ login, scopes }) =>
      createToken(forge.db, knownUser(forge, login), tokenScope(scopes ?? "write"), forge.now()),
    createRepository: (wanted) => createRepository(forge, wanted),
    createFork: async ({ repository, owner, name }) => {
      const parent = knownRepository(forge, repository);
      const fork = await createFork(forge, parent, knownUser(forge, owner), name ?? parent.name);
      return { fullName: `${fork.owner}/${fork.name}` };
    },
    deleteRepository: (repository) => deleteRepository(forge, knownRepository(forge, repository)),
    setChecks: async (wanted) => {
      const repository = knownRepository(forge, wanted.repository);
      const made = await setChecks(forge, repository, wanted);
      await mergeWaiting(forge, repository);
      return made;
    },
    protectBranch: (repository, branch, rules) => {
      const whole = rules && {
        requiredChecks: [],
        requiredApprovals: 0,
        mustBeUpToDate: false,
        mergeQueue: false,
        ...rules,
      };
      forge.db.atomically(() => setBranchRules(forge.db, knownRepository(forge, repository), branch, whole));
    },
    runMergeQueue: (repository) => runMergeQueue(forge, knownRepository(forge, repository)),
    setPermission: (repository, login, level) => {
      if (!permissionLevels.includes(level)) {
        throw new Error(`permission "${level}" is not one of ${permissionLevels.join(", ")}`);
      }
      setPermission(forge.db, knownRepository(forge, repository), knownUser(forge, login), level);
    },
    deleteIssue: (repository, number) => {
      const issue = findIssue(forge.db, knownRepository(forge, repository), number);
      if (!issue) throw new Error(`${repository} has no issue ${number}`);
      markIssueDeleted(forge.db, issue);
    },
  };
}

async function createRepository(forge: Forge, wanted: NewRepository) {
  refuseBadName(wanted.name);
  const owner = ensureUser(forge.db, wanted.owner, undefined, forge.now());
  if (findRepository(forge.db, owner.login, wanted.name)) {
    throw new Error(`${owner.login}/${wanted.name} exists already: choose another name`);
  }
  const path = forge.gitPath({ owner: owner.login, name: wanted.name });
  if (existsSync(path)) throw new Error(`${path} exists and no repository is recorded for it: move it away`);
  const { defaultBranch, importFrom } = wanted;
  const branch = await createBareRepository(forge.git, path, { defaultBranch, importFrom });
  const repository = insertRepository(
    forge.db,
    { owner, name: wanted.name, defaultBranch: branch, hasIssues: wanted.hasIssues ?? true },
    forge.now(),
  );
  await forge.exclusively(repository, () => followGit(forge, repository, owner));
  return { fullName: `${owner.login}/${repository.name}`, defaultBranch: branch };
}

function tokenScope(scope: string): TokenScope {
  if (scope === "read" || scope === "write") return scope;
  throw new Error(`token scope "${scope}" is not one of read, write`);
}

function knownUser(forge: Forge, login: string): User {
  const user = userByLogin(forge.db, login);
  if (!user) throw new Error(`the forge has no user "${login}": create it first`);
  return user;
}

function knownRepository(forge: Forge, fullName: string): Repository {
  const [owner = "", name = ""] = fullName.split("/");
  const repository = findRepository(forge.db, owner, name);
  if (!repository) throw new Error(`the forge has no repository "${fullName}": it is named owner/name`);
  return repository;
}
