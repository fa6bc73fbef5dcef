import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  agentArtefactRoot,
  claimRoots,
  deltaMaxBytes,
  ForgeError,
  type Log,
  type Profile,
  type WorkEvidence,
  type Worktrees,
} from "@agent-control-plane/core";
import {
  type Anchor,
  type ChangedFile,
  type CollectedWork,
  changedFiles,
  changedLines,
  collectedBefore,
  collectWork,
  commitsOf,
  createCheckout,
  createWorktree,
  diff,
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
  readDelta,
  remoteHead,
  removeHalfMade,
  retireWorktree,
  sessionOfFound,
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
  const anchor = (): Promise<Anchor> => {
    // Before the first folder is made: afterwards nobody could tell whose it is.
    if (!existsSync(profile.runtime.agentRepoRoot)) claimRoots(profile);
    return openAnchor({
      path: profile.runtime.agentRepoRoot,
      tampered: (what) => log.warn("anchor repository was changed by somebody else and repaired", { what }),
    });
  };
  return {
    pathFor,
    onDisk: async () => [...new Set((await listWorktrees(root)).map(sessionOfFound))],
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
    async collect({ sessionId, branch, startSha, baseSha, message, mayPublish }) {
      const worktree = pathFor(sessionId);
      if ((await provePath(root, worktree)).kind === "absent") {
        const repository = await anchor();
        const headSha = await collectedBefore(repository, sessionId);
        if (headSha === null) return null;
        log.warn("a worktree is gone; its work was collected before", { sessionId, headSha });
        return describe(repository, { startSha, headSha, ...(baseSha === undefined ? {} : { baseSha }) });
      }
      const work = await collectWork(await anchor(), {
        worktree,
        sessionId,
        startSha,
        ...(baseSha === undefined ? {} : { baseSha }),
        commitResidual: { message, author },
        mayPublish,
        isStray: (found) => strayOf(found, `refs/heads/${branch}`).strayed !== undefined,
        artefactRoot: agentArtefactRoot,
      });
      return {
        headSha: work.resultSha,
        commits: work.commits,
        hostCommit: work.snapshotSha !== null,
        files: work.changedFiles.map(evidenceOf),
        problems: problemsOf(work),
        ...strayOf(work, `refs/heads/${branch}`),
        leftOut: work.leftOut,
      };
    },
    describe: async (work) => describe(await anchor(), work),
    delta: async ({ startSha, headSha, baseSha }) =>
      readDelta(await anchor(), {
        ...{ startSha, headSha, maxBytes: deltaMaxBytes },
        ...(baseSha === undefined ? {} : { baseSha }),
      }),
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
  work: { readonly startSha: string; readonly headSha: string; readonly baseSha?: string },
): Promise<WorkEvidence> {
  const { startSha, headSha, baseSha } = work;
  const files = await changedFiles(anchor, startSha, headSha);
  const isOnTop = await isAncestor(anchor, startSha, headSha);
  return {
    headSha,
    ...(await commitsOf(anchor, startSha, headSha, baseSha)),
    files: files.map(evidenceOf),
    problems: [],
    ...(isOnTop ? {} : { strayed: { kind: "rewritten" as const } }),
  };
}

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

const problemsOf = (work: CollectedWork): readonly string[] =>
  work.residual.problems.map((problem) => `${problem.path}: ${problem.problem}`);

/** Work that is not committed has no branch; commits have to be on the one that the session was given. */
function strayOf(work: CollectedWork, branch: string): Pick<WorkEvidence, "strayed"> {
  const { headSha, headRef, commits, baseIsAncestor, isOlder } = work;
  if (headSha === null) return {};
  if (!baseIsAncestor) return { strayed: { kind: isOlder ? "older" : "rewritten" } };
  if (commits === 0 || headRef === branch) return {};
  return { strayed: { kind: "other-branch", ref: headRef ?? "no branch" } };
}
