import { chmod, rename } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Anchor } from "./anchor.ts";
import { baseRef, deleteRef, dropRun, ontoRef, refSha } from "./anchor-refs.ts";
import { asGitError } from "./create-worktree.ts";
import { GitError, type GitFailure } from "./git-error.ts";
import { randomName } from "./random-name.ts";
import { removeTree } from "./remove-tree.ts";
import { rescueWork } from "./rescue-work.ts";
import { prepareRoot, provePath, removeMark } from "./worktree-root.ts";

/**
 * `retired`: the folder is gone; `rescueRef` holds what nobody had saved, null when there was nothing.
 * `absent`: it was gone already. `refused`: it is all still there; `too-large` and `not-ours` need a person.
 */
export type Retirement =
  | { readonly kind: "retired"; readonly rescueRef: string | null; readonly leftInTrash: string | null }
  | { readonly kind: "absent" }
  | { readonly kind: "refused"; readonly reason: GitFailure | "too-large" | "not-ours"; readonly because: string };

export interface Retiring {
  readonly root: string;
  readonly path: string;
  readonly sessionId: string;
  /** Default true. False when the run's result is published and its ref may go. */
  readonly keepRef?: boolean;
  /** Nobody goes on with the run: what was collected of it is saved like what was not, where a person looks for it. */
  readonly abandoned?: boolean;
  /** Most bytes of uncommitted files to rescue; more refuses. Default 200 MB. */
  readonly maxRescueBytes?: number;
}

/**
 * Deletes a worktree of ours after saving what would be lost to `refs/acp/rescue/<session>`. Safe to repeat after a
 * crash. The session's processes must be gone before.
 */
export async function retireWorktree(anchor: Anchor, of: Retiring): Promise<Retirement> {
  const proof = await provePath(of.root, of.path);
  if (proof.kind === "refused") return { kind: "refused", reason: "not-ours", because: proof.because };
  if (proof.kind === "absent") {
    await forget(anchor, of);
    return { kind: "absent" };
  }
  try {
    const rescued = await rescueWork(anchor, {
      proof,
      sessionId: of.sessionId,
      abandoned: of.abandoned ?? false,
      maxBytes: of.maxRescueBytes ?? 200 * 1024 * 1024,
    });
    if (rescued.kind === "too-large") {
      return { kind: "refused", reason: "too-large", because: `${rescued.bytes} bytes of uncommitted files` };
    }
    const leftInTrash = await moveToTrashAndDelete(of.root, proof.path);
    await forget(anchor, of);
    return { kind: "retired", rescueRef: rescued.ref, leftInTrash };
  } catch (error) {
    const known = asGitError(error, `retiring ${proof.path}`);
    if (known instanceof GitError) return { kind: "refused", reason: known.reason, because: known.message };
    return { kind: "refused", reason: "other", because: String(error) };
  }
}

async function forget(anchor: Anchor, of: Retiring): Promise<void> {
  const name = basename(of.path);
  await removeMark(await prepareRoot(of.root), name);
  if ((await refSha(anchor, ontoRef(name))) !== null) await deleteRef(anchor, ontoRef(name));
  await deleteRef(anchor, baseRef(name));
  if (of.keepRef === false) await dropRun(anchor, of.sessionId);
}

/** Answers the folder's name in the trash when something in it cannot be deleted now. */
async function moveToTrashAndDelete(root: string, path: string): Promise<string | null> {
  const trashed = join(await prepareRoot(root), ".trash", `${basename(path)}-${randomName()}`);
  // Moving a folder rewrites its "..", which needs the right to write to it.
  await chmod(path, 0o700);
  await rename(path, trashed);
  return removeTree(trashed).then(
    () => null,
    () => basename(trashed),
  );
}
