import { type Anchor, anchorGit, anchorGitText } from "./anchor.ts";
import { GitError } from "./git-error.ts";
import { withLockRetry } from "./lock-retry.ts";

/** Keeps one session's result; the host alone writes it. */
export function runRef(sessionId: string): string {
  return `refs/acp/runs/${checkedId(sessionId)}`;
}

/** Says that all of a session's work was collected, and which commit holds it: without it the run's ref may be a part. */
export function collectedRef(sessionId: string): string {
  return `refs/acp/collected/${checkedId(sessionId)}`;
}

/** Keeps what a retired worktree held and nobody had saved. */
export function rescueRef(sessionId: string): string {
  return `refs/acp/rescue/${checkedId(sessionId)}`;
}

/** Keeps the commit a worktree borrows from. */
export function baseRef(worktreeName: string): string {
  return `refs/acp/bases/${checkedId(worktreeName)}`;
}

/** Keeps the commit of the base branch that a worktree names. No worktree's name has a dot. */
export function ontoRef(worktreeName: string): string {
  return `${baseRef(worktreeName)}.onto`;
}

export async function keepRef(anchor: Anchor, ref: string, sha: string): Promise<void> {
  await withLockRetry(anchor.path, () => anchorGit(anchor, ["update-ref", ref, checkedSha(sha)]));
}

/** Deletes a ref of ours; nothing happens when it is not there. */
export async function deleteRef(anchor: Anchor, ref: string): Promise<void> {
  if (!ref.startsWith("refs/acp/")) throw new GitError("other", `${ref} is not a ref of ours to delete`);
  await withLockRetry(anchor.path, () => anchorGit(anchor, ["update-ref", "-d", ref]));
}

/** Forgets what was kept of a session's run. Its rescue ref stays for a person. */
export async function dropRun(anchor: Anchor, sessionId: string): Promise<void> {
  await deleteRef(anchor, collectedRef(sessionId));
  await deleteRef(anchor, runRef(sessionId));
}

export async function refSha(anchor: Anchor, ref: string): Promise<string | null> {
  const found = await anchorGit(anchor, ["rev-parse", "--verify", "--quiet", ref], { okCodes: [0, 1] });
  return found.exitCode === 0 ? found.stdout.toString("utf8").trim() : null;
}

export async function isAncestor(anchor: Anchor, ancestor: string, of: string): Promise<boolean> {
  const args = ["merge-base", "--is-ancestor", checkedSha(ancestor), checkedSha(of)];
  return (await anchorGit(anchor, args, { okCodes: [0, 1] })).exitCode === 0;
}

/** Every ref of the anchor with its commit. */
export async function allRefs(anchor: Anchor): Promise<ReadonlyMap<string, string>> {
  const text = await anchorGitText(anchor, ["for-each-ref", "--format=%(objectname) %(refname)"]);
  return new Map(
    text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => [line.slice(41), line.slice(0, 40)] as const),
  );
}

/** `sha` when it is a full object name; anything else could be an option or another name. */
export function checkedSha(sha: string): string {
  if (/^[0-9a-f]{40}$/.test(sha)) return sha;
  throw new GitError("other", `${JSON.stringify(sha)} is not a commit id: expected 40 hexadecimal digits`);
}

/** Ids become ref and file names. */
export function checkedId(id: string): string {
  if (/^[a-z0-9][a-z0-9-]{0,99}$/.test(id)) return id;
  throw new GitError("other", `id ${JSON.stringify(id)}: expected lower-case letters, digits and dashes`);
}
