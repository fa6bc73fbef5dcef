import { dirname } from "node:path";
import type { Anchor } from "./anchor.ts";
import { allRefs, refSha, rescueRef, runRef } from "./anchor-refs.ts";
import { commitTree, hostIdentity } from "./host-commit.ts";
import { readHead, readRefs } from "./read-refs.ts";
import { stageResidual } from "./residual.ts";
import { commitOrNull, importCommit, type Scratch, withScratch } from "./scratch-repository.ts";
import { stageVerbatim } from "./stage-verbatim.ts";
import { type Proof, startIndex } from "./worktree-root.ts";

export type Rescued =
  | { readonly kind: "saved"; readonly ref: string }
  | { readonly kind: "nothing"; readonly ref: null }
  | { readonly kind: "too-large"; readonly bytes: number };

export interface Rescuing {
  readonly proof: Extract<Proof, { kind: "proven" }>;
  readonly sessionId: string;
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
    const known = [...new Set((await allRefs(anchor)).values())];
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
      const run = await refSha(anchor, runRef(of.sessionId));
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

async function readableTips(
  scratch: Scratch,
  known: readonly string[],
): Promise<{ head: string | null; all: readonly string[] }> {
  const head = await readHead(scratch.worktree);
  const headSha = head.kind === "commit" ? await completeOrNull(scratch, head.sha, known) : null;
  const others = new Set((await readRefs(scratch.worktree)).values());
  const readable: string[] = headSha === null ? [] : [headSha];
  for (const sha of others) {
    const commit = sha === headSha ? null : await completeOrNull(scratch, sha, known);
    if (commit !== null) readable.push(commit);
  }
  return { head: headSha, all: [...new Set(readable)] };
}

/** A commit whose whole history is there; a broken one would make all of the rescue fail. */
async function completeOrNull(scratch: Scratch, sha: string, known: readonly string[]): Promise<string | null> {
  const commit = await commitOrNull(scratch, sha);
  if (commit === null) return null;
  const walked = await scratch.git(["rev-list", "--objects", "--quiet", "--stdin"], {
    input: revisions(commit, known),
    okCodes: [0, 1, 128],
  });
  return walked.exitCode === 0 ? commit : null;
}

async function unsavedTips(
  scratch: Scratch,
  tips: readonly string[],
  known: readonly string[],
): Promise<readonly string[]> {
  const unsaved: string[] = [];
  for (const tip of tips) {
    const first = await scratch.text(["rev-list", "--max-count=1", "--stdin"], { input: revisions(tip, known) });
    if (first !== "") unsaved.push(tip);
  }
  return unsaved;
}

function revisions(tip: string, known: readonly string[]): string {
  return [tip, ...known.map((sha) => `^${sha}`), ""].join("\n");
}

function treeOf(scratch: Scratch, sha: string): Promise<string> {
  return scratch.text(["rev-parse", `${sha}^{tree}`]);
}
