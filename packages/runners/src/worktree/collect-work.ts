import { dirname } from "node:path";
import { type Anchor, anchorGitText } from "./anchor.ts";
import { type ChangedFile, changedFiles, type DiffStat, diffStat } from "./anchor-diff.ts";
import { checkedSha, collectedRef, deleteRef, isAncestor, keepRef, refSha, runRef } from "./anchor-refs.ts";
import type { Identity } from "./create-worktree.ts";
import { GitError } from "./git-error.ts";
import { commitTree } from "./host-commit.ts";
import { leaveOutArtefacts } from "./leave-out-artefacts.ts";
import { readHead } from "./read-refs.ts";
import { type ResidualProblem, stageResidual } from "./residual.ts";
import { commitOrNull, importCommit, type Scratch, withScratch } from "./scratch-repository.ts";
import { provePath, startIndex } from "./worktree-root.ts";

export interface CollectedWork {
  /** The agent's HEAD, now in the anchor; null when it has none that is readable. */
  readonly headSha: string | null;
  /** Why `headSha` is null. */
  readonly headProblem: string | null;
  /** The ref the agent's HEAD names; null when it is on no branch. */
  readonly headRef: string | null;
  /** Commits of HEAD that the start does not have. */
  readonly commits: number;
  /** False when history was rewritten below the start. */
  readonly baseIsAncestor: boolean;
  /** Then: whether HEAD is one of the start's own ancestors. */
  readonly isOlder: boolean;
  /** Paths that `isArtefact` named, left out of the result. */
  readonly leftOut: readonly string[];
  /** What is not committed, ignored files left out. */
  readonly residual: { readonly files: readonly string[]; readonly problems: readonly ResidualProblem[] };
  /** The host's commit of the residual on top of HEAD, or of everything on the start. */
  readonly snapshotSha: string | null;
  /** The commit that holds everything: the snapshot, else HEAD, else the start. Kept by `refs/acp/runs/<session>`. */
  readonly resultSha: string;
  /** From the start to the result. */
  readonly changedFiles: readonly ChangedFile[];
  readonly diffStat: DiffStat;
}

export interface Collecting {
  readonly worktree: string;
  readonly sessionId: string;
  readonly startSha: string;
  /** A branch the agent may have merged; its commits are no work of the agent's. Must be in the anchor. */
  readonly baseSha?: string;
  /** Make a commit of what the agent left uncommitted. */
  readonly commitResidual?: { readonly message: string; readonly author: Identity };
  /** Asked for each commit's message; one no, and the host's commit takes the place of all of them. Default: yes. */
  readonly mayPublish?: (message: string) => boolean | Promise<boolean>;
  /**
   * Of a path, the folder or file that tools of agents make for themselves, else null. Nothing below it is published
   * unless the start, or the merged branch, has it: it is left out of the host's commit, and the host's commit takes the
   * place of commits that have it.
   */
  readonly artefactRoot?: (path: string) => string | null;
}

/**
 * Takes what an agent made into the anchor. Reads its files and objects with the host's own repository; nothing the
 * agent configured applies. A repository that is not readable any more counts as its files against the start.
 * Safe to repeat. Throws `GitError`.
 */
export async function collectWork(anchor: Anchor, of: Collecting): Promise<CollectedWork> {
  const proof = await provePath(dirname(of.worktree), of.worktree);
  if (proof.kind !== "proven") {
    throw new GitError("other", proof.kind === "refused" ? proof.because : `${of.worktree} is not there`);
  }
  const start = checkedSha(of.startSha);
  return withScratch(anchor, { worktree: proof.path, excludes: proof.mark.excludes }, async (scratch) => {
    const head = await importHead(anchor, scratch, runRef(of.sessionId));
    const base = head.sha ?? start;
    const index = startIndex(dirname(proof.path), proof.name);
    const residual = await stageResidual(scratch, { base, startIndex: index });
    if ("tooLarge" in residual) throw new GitError("other", "unreachable: no limit was given");
    const baseIsAncestor = head.sha !== null && (await isAncestor(anchor, start, head.sha));
    const artefacts = await leaveOutArtefacts(anchor, scratch, of, { head: baseIsAncestor ? base : null, ...residual });
    const isReplaced = baseIsAncestor && (artefacts.areCommitted || !(await messagesMayBePublished(anchor, of, base)));
    const parent = isReplaced ? start : base;
    const merged = isReplaced ? await mergedBase(anchor, of, base) : [];
    const isChanged = artefacts.tree !== (await scratch.text(["rev-parse", `${parent}^{tree}`])) || merged.length > 0;
    const snapshotSha =
      of.commitResidual && isChanged
        ? await commitTree(scratch, { ...of.commitResidual, tree: artefacts.tree, parents: [parent, ...merged] })
        : null;
    if (snapshotSha !== null) await importCommit(anchor, scratch, snapshotSha, runRef(of.sessionId));
    const resultSha = snapshotSha ?? parent;
    if (head.sha === null && snapshotSha === null) await keepRef(anchor, runRef(of.sessionId), start);
    const files = await changedFiles(anchor, start, resultSha);
    const isWhole = residual.problems.length === 0 && (head.sha === null || baseIsAncestor);
    if (isWhole) await keepRef(anchor, collectedRef(of.sessionId), resultSha);
    else await deleteRef(anchor, collectedRef(of.sessionId));
    return {
      headSha: head.sha,
      headProblem: head.problem,
      headRef: head.ref,
      commits:
        head.sha === null
          ? 0
          : Number(await anchorGitText(anchor, ["rev-list", "--count", ...ownCommits(of, head.sha)])),
      baseIsAncestor,
      isOlder: head.sha !== null && !baseIsAncestor && (await isAncestor(anchor, head.sha, start)),
      leftOut: artefacts.paths,
      residual: { files: residual.files, problems: residual.problems },
      snapshotSha,
      resultSha,
      changedFiles: files,
      diffStat: diffStat(files),
    };
  });
}

/**
 * The commit that holds all of a session's work, when it was collected before and nothing spoke against it; null: it was
 * not. For when its folder is gone.
 */
export function collectedBefore(anchor: Anchor, sessionId: string): Promise<string | null> {
  return refSha(anchor, collectedRef(sessionId));
}

/** Messages as they are stored. One that names an encoding may read differently on the forge, so it counts as a no. */
async function messagesMayBePublished(anchor: Anchor, of: Collecting, head: string): Promise<boolean> {
  const { mayPublish } = of;
  if (!mayPublish) return true;
  const log = ["log", "--encoding=none", "--format=%e%x00%B%x00", ...ownCommits(of, head)];
  const fields = (await anchorGitText(anchor, log)).split("\0");
  for (const [index, field] of fields.entries()) {
    if (!(index % 2 === 0 ? field.trim() === "" : await mayPublish(field))) return false;
  }
  return true;
}

const ownCommits = ({ startSha, baseSha }: Collecting, head: string): readonly string[] => [
  `${startSha}..${head}`,
  ...(baseSha === undefined ? [] : [`^${checkedSha(baseSha)}`]),
];

/** The merged branch as the second parent of the commit that takes the place of the merge. */
async function mergedBase(anchor: Anchor, { startSha, baseSha }: Collecting, head: string): Promise<readonly string[]> {
  if (baseSha === undefined || !(await isAncestor(anchor, checkedSha(baseSha), head))) return [];
  return (await isAncestor(anchor, baseSha, startSha)) ? [] : [baseSha];
}

export interface ImportedHead {
  readonly sha: string | null;
  readonly ref: string | null;
  readonly problem: string | null;
}

/** The agent's HEAD with its history, brought into the anchor as `ref`. A history with holes counts as no HEAD. */
export async function importHead(anchor: Anchor, scratch: Scratch, ref: string): Promise<ImportedHead> {
  const head = await readHead(scratch.worktree);
  if (head.kind === "broken") return { sha: null, ref: null, problem: head.because };
  if (head.kind === "unborn") return { sha: null, ref: head.ref, problem: "its branch has no commit" };
  const sha = await commitOrNull(scratch, head.sha);
  if (sha === null) return { sha: null, ref: head.ref, problem: `its commit ${head.sha} is not readable` };
  try {
    await importCommit(anchor, scratch, sha, ref);
    return { sha, ref: head.ref, problem: null };
  } catch (error) {
    if (!(error instanceof GitError) || error.reason !== "other" || /lock/.test(error.message)) throw error;
    return { sha: null, ref: head.ref, problem: `its history is damaged: ${error.message}` };
  }
}
