import { join } from "node:path";
import { ForgeError, type Log, type Profile, type WorkEvidence, type Worktrees } from "@agent-control-plane/core";
import {
  type Anchor,
  type ChangedFile,
  changedFiles,
  changedLines,
  collectedBefore,
  collectWork,
  createCheckout,
  createWorktree,
  diff,
  type FoundWorktree,
  fetchBranch,
  fetchHead,
  GitError,
  type GitRemote,
  isAncestor,
  listWorktrees,
  mergeConflicts,
  openAnchor,
  provePath,
  pushSha,
  remoteHead,
  removeHalfMade,
  retireWorktree,
} from "./worktree/index.ts";

/** What a profile's git does for the scheduler and for delivery. */
export interface ProfileWorktrees extends Worktrees {
  push(push: {
    readonly branch: string;
    readonly sha: string;
    readonly expectedSha: string | null;
  }): Promise<"pushed" | "already" | { readonly moved: string | null }>;
  remoteHead(branch: string): Promise<string | null>;
  /** The unified diff between two commits that are in the anchor, cut at `maxBytes`. */
  diff(base: string, head: string, maxBytes: number): Promise<string>;
}

export interface ProfileWorktreesOptions {
  readonly profile: Profile;
  readonly remote: GitRemote;
  /** Asked when it is needed: the profile's branch, or the one the forge calls default. */
  readonly defaultBranch: () => Promise<string>;
  readonly log: Log;
  /** Most trees of retired worktrees that are kept for later sessions. Default 2; 0: none. */
  readonly poolSize?: number;
}

/** The agent's own files in its worktree: prompt, result. Never part of its work. */
export const sessionFolder = ".acp";

/** The managed git of one profile. Throws `GitError` for the disk and the repository, `ForgeError` for the remote. */
export function createProfileWorktrees(options: ProfileWorktreesOptions): ProfileWorktrees {
  const { profile, remote, defaultBranch, log } = options;
  const root = profile.runtime.worktreeRoot;
  const poolSize = options.poolSize ?? 2;
  const author = profile.publish.commitAuthor;
  const pathFor = (sessionId: string) => join(root, sessionId);
  const anchor = (): Promise<Anchor> =>
    openAnchor({
      path: profile.runtime.agentRepoRoot,
      tampered: (what) => log.warn("anchor repository was changed by somebody else and repaired", { what }),
    });
  return {
    pathFor,
    onDisk: async () => [...new Set((await listWorktrees(root)).map(sessionOf))],
    baseBranch: defaultBranch,
    async fetchBase() {
      const branch = await defaultBranch();
      return {
        branch,
        sha: await asForge(() => anchor().then((repository) => fetchBranch(repository, remote, branch))),
      };
    },
    async fetchBranch(branch) {
      const sha = await asForge(async () => fetchHead(await anchor(), remote, branch));
      return sha === null ? null : { sha };
    },
    isAncestor: async (ancestor, descendant) => isAncestor(await anchor(), ancestor, descendant),
    changedLines: async ({ fromSha, toSha }) => changedLines(await anchor(), fromSha, toSha),
    conflicts: async (sha, otherSha) => mergeConflicts(await anchor(), sha, otherSha),
    async create({ sessionId, branch, sha, base, trust = "" }) {
      const excludes = [`/${sessionFolder}/`];
      await createWorktree(await anchor(), {
        ...{ root, path: pathFor(sessionId), branch, sha, excludes, author },
        ...(base ? { base } : {}),
        ...(poolSize > 0 ? { pool: { trust } } : {}),
      });
    },
    async createCheckout({ sessionId, sha }) {
      await createCheckout(await anchor(), { root, path: pathFor(sessionId), sha });
    },
    async collect({ sessionId, startSha, baseSha, message, mayPublish }) {
      const worktree = pathFor(sessionId);
      if ((await provePath(root, worktree)).kind === "absent") {
        const repository = await anchor();
        const headSha = await collectedBefore(repository, sessionId);
        if (headSha === null) return null;
        log.warn("a worktree is gone; its work was collected before", { sessionId, headSha });
        return describe(repository, { startSha, headSha });
      }
      const work = await collectWork(await anchor(), {
        worktree,
        sessionId,
        startSha,
        ...(baseSha === undefined ? {} : { baseSha }),
        commitResidual: { message, author },
        mayPublish,
      });
      return {
        headSha: work.resultSha,
        commits: work.commits,
        hostCommit: work.snapshotSha !== null,
        files: work.changedFiles.map(evidenceOf),
        problems: problemsOf(work),
      };
    },
    describe: async (work) => describe(await anchor(), work),
    async retire(sessionId, { abandoned }) {
      const retired = await retireWorktree(await anchor(), {
        ...{ root, path: pathFor(sessionId), sessionId, abandoned },
        pool: { size: poolSize },
      });
      if (retired.kind === "refused")
        throw new GitError("other", `${pathFor(sessionId)} was not removed: ${retired.because}`);
      for (const found of await listWorktrees(root)) {
        if (found.kind !== "complete" && found.kind !== "unknown" && found.name.startsWith(sessionId))
          await removeHalfMade(root, found.name);
      }
      return { rescueRef: retired.kind === "retired" ? retired.rescueRef : null };
    },
    async push(push) {
      const pushed = await asForge(async () =>
        pushSha(await anchor(), remote, { ...push, defaultBranch: await defaultBranch() }),
      );
      return pushed.kind === "moved" ? { moved: pushed.actual } : pushed.kind;
    },
    remoteHead: (branch) => asForge(() => remoteHead(remote, branch)),
    diff: async (base, head, maxBytes) => (await diff(await anchor(), base, head, { maxBytes })).text,
  };
}

async function describe(
  anchor: Anchor,
  { startSha, headSha }: { readonly startSha: string; readonly headSha: string },
): Promise<WorkEvidence> {
  const files = await changedFiles(anchor, startSha, headSha);
  return { headSha, commits: 0, hostCommit: false, files: files.map(evidenceOf), problems: [] };
}

/** Half-made and half-deleted folders carry a random end behind the session's name. */
const sessionOf = ({ kind, name }: FoundWorktree): string =>
  kind === "half-made" || kind === "trash" ? name.replace(/-[^-]*$/, "") : name;

/** What the remote did is told in the words the scheduler and the outbox act on. */
async function asForge<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    switch (error.reason) {
      case "unreachable":
      case "timeout":
        throw new ForgeError("unreachable", error.message, { maybeApplied: true, cause: error });
      case "auth":
      case "refused":
      case "non-fast-forward":
        throw new ForgeError("refused", error.message, { cause: error });
      case "not-found":
        throw new ForgeError("gone", error.message, { cause: error });
      case "disk-full":
      case "other":
        throw error;
    }
  }
}

const evidenceOf = (file: ChangedFile): WorkEvidence["files"][number] => ({
  path: file.path,
  status: file.status,
  additions: file.additions ?? 0,
  deletions: file.deletions ?? 0,
});

function problemsOf(work: Awaited<ReturnType<typeof collectWork>>): readonly string[] {
  const problems = work.residual.problems.map((problem) => `${problem.path}: ${problem.problem}`);
  if (work.headSha !== null && !work.baseIsAncestor) problems.push("the history it started from was rewritten");
  return problems;
}
