import { dirname } from "node:path";
import type { Anchor } from "./anchor.ts";
import { allRefs, collectedRef, refSha, rescueRef, runRef } from "./anchor-refs.ts";
import { commitTree, hostIdentity } from "./host-commit.ts";
import { readHead, readRefs } from "./read-refs.ts";
import { stageResidual } from "./residual.ts";
import { importCommit, type Scratch, withScratch } from "./scratch-repository.ts";
import { stageVerbatim } from "./stage-verbatim.ts";
import { type Proof, startIndex } from "./worktree-root.ts";

export type Rescued =
  | { readonly kind: "saved"; readonly ref: string }
  | { readonly kind: "nothing"; readonly ref: null }
  | { readonly kind: "too-large"; readonly bytes: number };

export interface Rescuing {
  readonly proof: Extract<Proof, { kind: "proven" }>;
  readonly sessionId: string;
  /** What was collected of the run counts as not saved. */
  readonly abandoned?: boolean;
  readonly maxBytes: number;
}

/**
 * Saves what only the worktree holds as one commit in the anchor: its tree is the files as they are now, its parents
 * are HEAD and each branch, tag or stash that the anchor does not have. Ignored files are not work.
 * Throws `GitError` when it cannot be saved.
 */
export async function rescueWork(anchor: Anchor, of: Rescuing): Promise<Rescued> {
  const { path, name, mark } = of.proof;
  return withScratch(anchor, { worktree: path, excludes: mark.excludes }, async (scratch) => {
    const own = runRef(of.sessionId);
    const ofRun = [own, collectedRef(of.sessionId)];
    const counts = (name: string) => !of.abandoned || !(ofRun.includes(name) || name.startsWith("refs/acp/bases/"));
    const known = [...new Set([...(await allRefs(anchor))].filter(([name]) => counts(name)).map(([, sha]) => sha))];
    const tips = await readableTips(scratch, known);
    const base = tips.head ?? mark.startSha;
    const residual = await stageResidual(scratch, {
      base,
      startIndex: startIndex(dirname(path), name),
      maxBytes: of.maxBytes,
    });
    if ("tooLarge" in residual) return { kind: "too-large", bytes: residual.tooLarge };
    const verbatim = await stageVerbatim(scratch, residual.problems, of.maxBytes - residual.bytes);
    if ("tooLarge" in verbatim) return { kind: "too-large", bytes: residual.bytes + verbatim.tooLarge };
    const tree = await scratch.text(["write-tree"]);
    const unsaved = await unsavedTips(scratch, tips.all, known);
    const ref = rescueRef(of.sessionId);
    const earlier = await refSha(anchor, ref);
    if (unsaved.length === 0) {
      if (earlier !== null && (await treeOf(scratch, earlier)) === tree) return { kind: "saved", ref };
      const run = of.abandoned ? null : await refSha(anchor, own);
      for (const sha of [base, run]) {
        if (sha !== null && (await treeOf(scratch, sha)) === tree) return { kind: "nothing", ref: null };
      }
    }
    const sha = await commitTree(scratch, {
      tree,
      // What an earlier, interrupted try saved stays reachable.
      parents: [...new Set([base, ...unsaved, ...(earlier === null ? [] : [earlier])])],
      message: `Work saved from worktree ${name} before it was removed`,
      author: hostIdentity,
    });
    await importCommit(anchor, scratch, sha, ref);
    return { kind: "saved", ref };
  });
}

/** HEAD and all refs, as far as their history is complete: a broken one would make all of the rescue fail. */
async function readableTips(
  scratch: Scratch,
  known: readonly string[],
): Promise<{ head: string | null; all: readonly string[] }> {
  const head = await readHead(scratch.worktree);
  const headSha = head.kind === "commit" ? head.sha : null;
  const named = [...(headSha === null ? [] : [headSha]), ...(await readRefs(scratch.worktree)).values()];
  const commits = await existingCommits(scratch, named);
  const all = (await areComplete(scratch, commits, known)) ? commits : await onlyComplete(scratch, commits, known);
  return { head: headSha !== null && all.includes(headSha) ? headSha : null, all };
}

async function existingCommits(scratch: Scratch, shas: readonly string[]): Promise<readonly string[]> {
  if (shas.length === 0) return [];
  const args = ["rev-list", "--no-walk=unsorted", "--ignore-missing", "--stdin"];
  return linesOf(await scratch.text(args, { input: revisions(shas, []) }));
}

async function areComplete(scratch: Scratch, tips: readonly string[], known: readonly string[]): Promise<boolean> {
  if (tips.length === 0) return true;
  const walked = await scratch.git(["rev-list", "--objects", "--quiet", "--stdin"], {
    input: revisions(tips, known),
    okCodes: [0, 1, 128],
  });
  return walked.exitCode === 0;
}

async function onlyComplete(
  scratch: Scratch,
  tips: readonly string[],
  known: readonly string[],
): Promise<readonly string[]> {
  const complete: string[] = [];
  for (const tip of tips) if (await areComplete(scratch, [tip], known)) complete.push(tip);
  return complete;
}

async function unsavedTips(
  scratch: Scratch,
  tips: readonly string[],
  known: readonly string[],
): Promise<readonly string[]> {
  if (tips.length === 0) return [];
  const unsaved = new Set(linesOf(await scratch.text(["rev-list", "--stdin"], { input: revisions(tips, known) })));
  return tips.filter((tip) => unsaved.has(tip));
}

function linesOf(text: string): readonly string[] {
  return [...new Set(text.split("\n"))].filter((line) => line !== "");
}

function revisions(tips: readonly string[], known: readonly string[]): string {
  return [...tips, ...known.map((sha) => `^${sha}`), ""].join("\n");
}

function treeOf(scratch: Scratch, sha: string): Promise<string> {
  return scratch.text(["rev-parse", `${sha}^{tree}`]);
}
