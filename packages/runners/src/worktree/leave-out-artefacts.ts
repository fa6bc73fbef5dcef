import { type Anchor, anchorGitText } from "./anchor.ts";
import { checkedSha } from "./anchor-refs.ts";
import type { Collecting } from "./collect-work.ts";
import type { Scratch } from "./scratch-repository.ts";

export interface WithoutArtefacts {
  /** What is left. */
  readonly tree: string;
  /** Of the tree and of the commits. */
  readonly paths: readonly string[];
  /** A commit of the agent's has one, perhaps one that a later commit took out again. */
  readonly areCommitted: boolean;
}

/**
 * Takes files that agent tools made for themselves out of the scratch repository's index, which holds `tree`. What the
 * start or the merged branch has in that place is the repository's own and stays. `head`: null when its history is none
 * that will be published.
 */
export async function leaveOutArtefacts(
  anchor: Anchor,
  scratch: Scratch,
  of: Collecting,
  at: { readonly head: string | null; readonly tree: string },
): Promise<WithoutArtefacts> {
  const rootOf = of.artefactRoot ?? (() => null);
  const differing = ["diff-tree", "-r", "-z", "--name-only", "--no-renames", checkedSha(of.startSha), at.tree];
  // Names as bytes in latin1, so that any name survives.
  const changed = names((await scratch.git(differing)).stdout.toString("latin1"));
  const committed = at.head === null ? [] : await addedByCommits(anchor, of, at.head);
  const foreign = await notOfRepository(anchor, of, rootOf, [...changed.map(readable), ...committed]);
  const taken = changed.filter((path) => foreign.has(readable(path)));
  const inTree = taken.map(readable);
  const inCommits = committed.filter((path) => foreign.has(path));
  if (taken.length > 0) {
    const input = Buffer.from(taken.map((path) => `${path}\0`).join(""), "latin1");
    await scratch.git(["update-index", "--force-remove", "-z", "--stdin"], { input });
  }
  return {
    tree: inTree.length > 0 ? await scratch.text(["write-tree"]) : at.tree,
    paths: [...new Set([...inTree, ...inCommits])],
    areCommitted: inCommits.length > 0,
  };
}

async function notOfRepository(
  anchor: Anchor,
  { startSha, baseSha }: Collecting,
  rootOf: (path: string) => string | null,
  paths: readonly string[],
): Promise<ReadonlySet<string>> {
  const roots = new Map(paths.map((path) => [path, rootOf(path)] as const));
  const known = new Set<string>();
  for (const root of new Set([...roots.values()].filter((each) => each !== null))) {
    for (const sha of [startSha, ...(baseSha === undefined ? [] : [baseSha])]) {
      const found = await anchorGitText(anchor, ["ls-tree", "--name-only", "-z", checkedSha(sha), "--", root]);
      if (found !== "") known.add(root);
    }
  }
  return new Set(paths.filter((path) => isForeign(roots.get(path) ?? null, known)));
}

const isForeign = (root: string | null, known: ReadonlySet<string>): boolean => root !== null && !known.has(root);

/** With `-m`, so that what a merge itself adds is among them. */
async function addedByCommits(anchor: Anchor, of: Collecting, head: string): Promise<readonly string[]> {
  const range = [`${checkedSha(of.startSha)}..${head}`, ...(of.baseSha === undefined ? [] : [`^${of.baseSha}`])];
  const args = ["log", "-z", "-m", "--format=", "--name-only", "--no-renames", "--diff-filter=AM", ...range];
  return names(await anchorGitText(anchor, args));
}

const readable = (path: string): string => Buffer.from(path, "latin1").toString("utf8");

/** Git puts line ends between the commits of a list. */
const names = (listed: string): readonly string[] =>
  listed
    .split("\0")
    .map((name) => name.replace(/^\n+/, ""))
    .filter((name) => name !== "");
