import { chmod, mkdir, rename } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Anchor } from "./anchor.ts";
import { baseRef, collectedRef, deleteRef, dropRun, ontoRef, refSha } from "./anchor-refs.ts";
import { asGitError } from "./create-worktree.ts";
import { GitError, type GitFailure } from "./git-error.ts";
import { type Pooling, poolWorktree } from "./pool-worktree.ts";
import { randomName } from "./random-name.ts";
import { removeTree } from "./remove-tree.ts";
import { rescueWork } from "./rescue-work.ts";
import { trimPool } from "./worktree-pool.ts";
import { type Proof, prepareRoot, provePath, removeMark } from "./worktree-root.ts";

/**
 * `retired`: the folder is gone; `rescueRef` holds what nobody had saved, null when there was nothing; `notPooled` says
 * why its files were not kept for the next session, null when they were.
 * `absent`: it was gone already. `refused`: it is all still there; `too-large` and `not-ours` need a person.
 */
export type Retirement =
  | {
      readonly kind: "retired";
      readonly rescueRef: string | null;
      readonly leftInTrash: string | null;
      readonly notPooled: string | null;
    }
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
  /** Keep its files for a later session, at most so many such trees. Default 0: delete them. */
  readonly pool?: Pick<Pooling, "size" | "leastFreeBytes" | "reached">;
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
    const container = await moveToTrash(of.root, proof.path);
    const notPooled = await poolOrReason(anchor, of, proof, container);
    const leftInTrash = notPooled === null ? null : await deleteTrash(container);
    await forget(anchor, of);
    return { kind: "retired", rescueRef: rescued.ref, leftInTrash, notPooled };
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
  await deleteRef(anchor, collectedRef(of.sessionId));
  if (of.keepRef === false) await dropRun(anchor, of.sessionId);
}

/** Whatever goes wrong with pooling, the folder is in the trash and can be deleted. */
async function poolOrReason(
  anchor: Anchor,
  of: Retiring,
  { name, mark }: Extract<Proof, { kind: "proven" }>,
  container: string,
): Promise<string | null> {
  const root = await prepareRoot(of.root);
  if (mark.branch === null) return "it was a checkout for verification";
  try {
    if (of.pool && of.pool.size > 0) return await poolWorktree(anchor, { ...of.pool, root, name, container });
    await trimPool(root, 0);
    return "there is no pool";
  } catch (error) {
    return String(error);
  }
}

/** The folder becomes `old` in a folder of its own. */
async function moveToTrash(root: string, path: string): Promise<string> {
  const container = join(await prepareRoot(root), ".trash", `${basename(path)}-${randomName()}`);
  await mkdir(container);
  // Moving a folder rewrites its "..", which needs the right to write to it.
  await chmod(path, 0o700);
  await rename(path, join(container, "old"));
  return container;
}

/** Answers the folder's name in the trash when something in it cannot be deleted now. */
async function deleteTrash(container: string): Promise<string | null> {
  return removeTree(container).then(
    () => null,
    () => basename(container),
  );
}
