import { existsSync, lstatSync, readdirSync, realpathSync, rmdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  containsPath,
  homeOf,
  type Log,
  ownershipMark,
  type Profile,
  pathsOverlap,
  readOwnership,
  rootsToOwn,
} from "@agent-control-plane/core";
import { conversationsFolder } from "./conversations.ts";
import { anchorGit, markName, openAnchor } from "./worktree/anchor.ts";
import { allRefs } from "./worktree/anchor-refs.ts";
import { removeTree } from "./worktree/remove-tree.ts";
import { retireWorktree } from "./worktree/retire-worktree.ts";
import { listWorktrees, ownFolders, provePath } from "./worktree/worktree-root.ts";

/** What of a profile's folders is proven ours, and what is in the way of taking the rest for ours. */
export interface ProfileFolders {
  /** Worktrees that carry our mark; what they hold and nobody saved is saved before they go. */
  readonly worktrees: readonly { readonly sessionId: string; readonly path: string }[];
  /** The anchor repository; null when there is none of ours. */
  readonly anchor: string | null;
  /** Refs in the anchor that hold results and rescued work. */
  readonly kept: readonly string[];
  /** Everything else that goes, with all that lies below. */
  readonly folders: readonly string[];
  /** Roots that go last, when nothing is left in them. */
  readonly roots: readonly { readonly path: string; readonly made: boolean }[];
  /** What stays, and why. */
  readonly leaves: readonly { readonly path: string; readonly why: string }[];
}

/** Reads only. `guarded`: folders of people and of other profiles; nothing that holds one, or lies in one, is ours to delete. */
export async function readProfileFolders(profile: Profile, guarded: readonly string[]): Promise<ProfileFolders> {
  const { agentRoot, worktreeRoot, agentRepoRoot, runsRoot } = profile.runtime;
  const reals = guarded.map(realOf);
  const judge = (path: string): string | null => whyNot(profile, path, reals);
  const leaves: { path: string; why: string }[] = [];
  const mayGo = (path: string, because: string | null): boolean => {
    if (!isThere(path)) return false;
    if (because !== null) leaves.push({ path, why: because });
    return because === null;
  };
  const inWorktrees = mayGo(worktreeRoot, judge(worktreeRoot)) ? await worktreesIn(worktreeRoot) : noWorktrees;
  const inRuns = mayGo(runsRoot, judge(runsRoot)) ? runsIn(runsRoot) : { folders: [], leaves: [] };
  const hasAnchor = mayGo(agentRepoRoot, whyNoAnchor(agentRepoRoot, reals));
  const roots = rootsToOwn(profile).filter((path) => isThere(path) && judge(path) === null);
  for (const path of rootsToOwn(profile)) if (!leaves.some((left) => left.path === path)) mayGo(path, judge(path));
  const own = [worktreeRoot, runsRoot, agentRepoRoot, `${agentRepoRoot}.scratch`];
  const strangers = roots.includes(agentRoot)
    ? readdirSync(agentRoot)
        .map((name) => join(agentRoot, name))
        .filter((path) => path !== join(agentRoot, ownershipMark) && !own.some((each) => containsPath(path, each)))
        .map((path) => ({ path, why: "it is none of what we make there" }))
    : [];
  const belowRoots = [worktreeRoot, runsRoot].filter(
    (path) => isThere(path) && !roots.includes(path) && !leaves.some((left) => left.path === path),
  );
  return {
    worktrees: inWorktrees.worktrees,
    anchor: hasAnchor ? agentRepoRoot : null,
    kept: hasAnchor ? await keptRefs(agentRepoRoot) : [],
    folders: [...inWorktrees.folders, ...inRuns.folders],
    roots: [
      ...belowRoots.map((path) => ({ path, made: true })),
      ...[...roots].reverse().map((path) => ({ path, made: readOwnership(path)?.made === true })),
    ],
    leaves: [...leaves, ...inWorktrees.leaves, ...inRuns.leaves, ...strangers],
  };
}

/**
 * Removes what `readProfileFolders` proved, each part proven again at its turn. With `bundle`, results and rescued work go into that file
 * first. Safe to repeat. Throws when something cannot be saved: then what holds it is still there.
 */
export async function removeProfileFolders(
  profile: Profile,
  found: ProfileFolders,
  { bundle, log }: { readonly bundle: string; readonly log: Log },
): Promise<{ readonly bundle: string | null; readonly leaves: ProfileFolders["leaves"] }> {
  const leaves: { path: string; why: string }[] = [];
  for (const { path, sessionId } of found.worktrees) {
    if (found.anchor === null) leaves.push({ path, why: "there is no anchor repository to save its work in" });
    else {
      const anchor = await openAnchor({ path: found.anchor });
      const root = profile.runtime.worktreeRoot;
      const retired = await retireWorktree(anchor, { root, path, sessionId, abandoned: true });
      if (retired.kind === "refused") leaves.push({ path, why: retired.because });
      else log.info("worktree removed", { path });
    }
  }
  // What could not be saved needs the anchor.
  const saved = found.anchor !== null && leaves.length === 0 ? await exportRefs(found.anchor, bundle) : null;
  if (leaves.length === 0 && found.anchor !== null) {
    await removeTree(found.anchor);
    await removeTree(`${found.anchor}.scratch`);
  }
  const holdsWork = (folder: string) => leaves.some(({ path }) => pathsOverlap(dirname(path), folder));
  for (const folder of found.folders) if (!holdsWork(folder)) await removeTree(folder);
  if (leaves.length === 0) for (const root of found.roots) removeRoot(root);
  return { bundle: saved, leaves };
}

/** Null: the path is ours, by its own mark or by that of the folder above it, and no link leads elsewhere. */
function whyNot(profile: Profile, path: string, guarded: readonly string[]): string | null {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) return "it is a link to somewhere else";
  const real = realOf(path);
  const near = guarded.find((folder) => pathsOverlap(folder, real));
  if (near !== undefined) return near === real ? "it is a folder of yours" : `it and ${near} lie in one another`;
  const root = rootsToOwn(profile).find((each) => containsPath(each, path));
  const mark = root === undefined ? null : readOwnership(root);
  if (root === undefined || mark === null) return `it does not carry our mark (${ownershipMark})`;
  if (mark.profileId !== profile.id || realOf(mark.home) !== realOf(homeOf(profile))) {
    return `its mark is that of profile "${mark.profileId}" in ${mark.home}`;
  }
  return containsPath(realOf(root), real) ? null : "a link on its way leads elsewhere";
}

function whyNoAnchor(path: string, guarded: readonly string[]): string | null {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat?.isSymbolicLink()) return "it is a link to somewhere else";
  if (lstatSync(join(path, markName), { throwIfNoEntry: false })?.isFile() !== true)
    return "it is not an anchor repository of ours";
  const near = guarded.find((folder) => pathsOverlap(folder, realOf(path)));
  return near === undefined ? null : `it and ${near} lie in one another`;
}

const noWorktrees = { worktrees: [], folders: [], leaves: [] } as const;

async function worktreesIn(root: string) {
  const worktrees: { sessionId: string; path: string }[] = [];
  const leaves: { path: string; why: string }[] = [];
  for (const { name, kind } of await listWorktrees(root)) {
    if (kind !== "complete" && kind !== "unknown") continue;
    const path = join(root, name);
    const proof = await provePath(root, path);
    if (proof.kind === "proven") worktrees.push({ sessionId: name, path });
    else if (proof.kind === "refused") leaves.push({ path, why: proof.because });
  }
  return { worktrees, leaves, folders: ownOf(root, ownFolders) };
}

function runsIn(root: string) {
  const names = readdirSync(root).filter((name) => name !== ownershipMark);
  const isOurs = (name: string) => name === "history" || name === conversationsFolder || isSessionId(name);
  return {
    folders: ownOf(root, names.filter(isOurs)),
    leaves: names
      .filter((name) => !isOurs(name))
      .map((name) => ({ path: join(root, name), why: "it is no run of ours" })),
  };
}

const isSessionId = (name: string): boolean => /^s\d+-[0-9a-f]{8}$/.test(name);

/** Folders only: a link is left for a person. */
const ownOf = (root: string, names: readonly string[]): readonly string[] =>
  names
    .map((name) => join(root, name))
    .filter((path) => lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true);

async function keptRefs(anchor: string): Promise<readonly string[]> {
  return [...(await allRefs({ path: anchor, tampered: () => {} })).keys()].filter((ref) =>
    /^refs\/acp\/(rescue|runs)\//.test(ref),
  );
}

/** A git bundle with its whole history: it can be fetched from anywhere. Null: there is nothing to keep. */
async function exportRefs(path: string, bundle: string): Promise<string | null> {
  const refs = await keptRefs(path);
  if (refs.length === 0) return null;
  const anchor = await openAnchor({ path });
  await anchorGit(anchor, ["bundle", "create", "--quiet", bundle, "--stdin"], { input: `${refs.join("\n")}\n` });
  await anchorGit(anchor, ["bundle", "verify", "--quiet", bundle]);
  return bundle;
}

function removeRoot({ path, made }: { readonly path: string; readonly made: boolean }): void {
  const left = readdirSync(path).filter((name) => name !== ownershipMark);
  if (left.length > 0) return;
  rmSync(join(path, ownershipMark), { force: true });
  if (made) rmdirSync(path);
}

const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

/** Without links, as far as the path exists. */
function realOf(path: string): string {
  if (existsSync(path)) return realpathSync(path);
  const above = dirname(path);
  return above === path ? path : join(realOf(above), path.slice(above.length));
}
