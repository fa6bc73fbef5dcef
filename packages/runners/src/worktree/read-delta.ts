import type { Delta, DeltaFile } from "@agent-control-plane/core";
import { type Anchor, anchorGit } from "./anchor.ts";
import { changedFiles } from "./anchor-diff.ts";
import { checkedSha, isAncestor } from "./anchor-refs.ts";
import { withTriedMerge } from "./merge-conflicts.ts";
import { type PatchedFile, parsePatch } from "./parse-patch.ts";

/**
 * What the commits from `startSha` to `headSha` change, line by line. With `baseSha`, of a branch that was merged in
 * between, what comes from there is left out: what git's own merge makes of a path is nobody's change, and of a path that
 * conflicts the lines that differ from both sides remain. Throws `GitError`.
 */
export async function readDelta(
  anchor: Anchor,
  of: { readonly startSha: string; readonly headSha: string; readonly baseSha?: string; readonly maxBytes: number },
): Promise<Delta> {
  const [start, head] = [checkedSha(of.startSha), checkedSha(of.headSha)];
  const merged = of.baseSha === undefined ? null : await mergedIn(anchor, checkedSha(of.baseSha), start, head);
  const passing = await patchesBetween(anchor, start, head, merged, of.maxBytes);
  const own =
    merged === null
      ? await compare(anchor, start, head, of.maxBytes)
      : await readMerge(anchor, { start, base: merged, head, maxBytes: of.maxBytes });
  return { ...own, passing: passing.files, isCut: own.isCut || passing.isCut };
}

async function readMerge(
  anchor: Anchor,
  of: { readonly start: string; readonly base: string; readonly head: string; readonly maxBytes: number },
): Promise<Compared & Required<Pick<Delta, "droppedOfBase">>> {
  const { start, base, head, maxBytes } = of;
  return withTriedMerge(anchor, [start, base], ["--allow-unrelated-histories"], async ({ tree, conflicting, env }) => {
    const isConflicting = new Set(conflicting);
    const toMerge = await compare(anchor, tree, head, maxBytes, env);
    const clean = toMerge.files.filter(({ path }) => !isConflicting.has(path));
    const resolved =
      conflicting.length === 0 ? nothing : await differFromBoth(anchor, { start, base, head, maxBytes }, isConflicting);
    const changed = new Set((await changedFiles(anchor, start, head)).map(({ path }) => path));
    const isDropped = ({ path }: { readonly path: string }) => !changed.has(path);
    const brought = (await changedFiles(anchor, start, tree, env)).filter(({ path }) => !isConflicting.has(path));
    const theirs = (await changedFiles(anchor, start, base)).filter(({ path }) => isConflicting.has(path));
    return {
      files: [...clean, ...resolved.files],
      isCut: toMerge.isCut || resolved.isCut,
      droppedOfBase: {
        merged: brought.filter(isDropped).map(({ path }) => path),
        conflicting: theirs.filter(isDropped).map(({ path }) => path),
      },
    };
  });
}

async function differFromBoth(
  anchor: Anchor,
  of: { readonly start: string; readonly base: string; readonly head: string; readonly maxBytes: number },
  paths: ReadonlySet<string>,
): Promise<Compared> {
  const toStart = await compare(anchor, of.start, of.head, of.maxBytes);
  const toBase = await compare(anchor, of.base, of.head, of.maxBytes);
  const files = toStart.files.filter(({ path }) => paths.has(path)).flatMap((file) => inBoth(file, toBase.files));
  return { files, isCut: toStart.isCut || toBase.isCut };
}

const nothing: Compared = { files: [], isCut: false };

interface Compared {
  readonly files: readonly DeltaFile[];
  readonly isCut: boolean;
}

async function compare(
  anchor: Anchor,
  from: string,
  to: string,
  maxBytes: number,
  env: Readonly<Record<string, string>> = {},
): Promise<Compared> {
  const stats = await changedFiles(anchor, from, to, env);
  const { files, isCut } = await patch(anchor, ["diff-tree", "-r", ...shape, from, to], maxBytes, env);
  const lines = new Map(files.map((file) => [file.path, file]));
  return {
    isCut,
    files: stats.map(({ path, status, additions, deletions }) => ({
      path,
      status,
      additions: additions ?? 0,
      deletions: deletions ?? 0,
      isBinary: additions === null,
      added: lines.get(path)?.added ?? [],
      removed: lines.get(path)?.removed ?? [],
    })),
  };
}

/**
 * Of a single commit that is what the comparison shows already. Of a merge that is what it has beside git's own merge of
 * the same two; git makes none of more than two, so that one is compared with each.
 */
async function patchesBetween(
  anchor: Anchor,
  start: string,
  head: string,
  merged: string | null,
  maxBytes: number,
): Promise<{ readonly files: readonly PatchedFile[]; readonly isCut: boolean }> {
  const range = [`${start}..${head}`, ...(merged === null ? [] : [`^${merged}`])];
  const count = Number((await anchorGit(anchor, ["rev-list", "--count", ...range])).stdout.toString("utf8"));
  if (count < 2) return { files: [], isCut: false };
  const commits = await patch(anchor, ["log", "--remerge-diff", "--format=", ...shape, ...range], maxBytes);
  const many = await patch(anchor, ["log", "-m", "--min-parents=3", "--format=", ...shape, ...range], maxBytes);
  return { files: [...commits.files, ...many.files], isCut: commits.isCut || many.isCut };
}

async function patch(
  anchor: Anchor,
  args: readonly string[],
  maxBytes: number,
  env: Readonly<Record<string, string>> = {},
) {
  const { stdout, truncated } = await anchorGit(anchor, args, { maxBytes, env });
  const whole = truncated ? stdout.subarray(0, stdout.lastIndexOf(0x0a) + 1) : stdout;
  return { files: parsePatch(whole.toString("utf8")), isCut: truncated };
}

const shape = [
  ...["-p", "-U0", "--no-renames", "--no-prefix", "--full-index"],
  // A zero byte, or the repository's attributes, would hide what a file holds.
  "--text",
  ...["--no-ext-diff", "--no-textconv", "--no-color", "--ignore-submodules=none"],
] as const;

/** Only what is in the head and was not in the start can have been merged. */
async function mergedIn(anchor: Anchor, base: string, start: string, head: string): Promise<string | null> {
  if (!(await isAncestor(anchor, base, head))) return null;
  return (await isAncestor(anchor, base, start)) ? null : base;
}

function inBoth(file: DeltaFile, others: readonly DeltaFile[]): readonly DeltaFile[] {
  const other = others.find(({ path }) => path === file.path);
  if (!other) return [];
  const lines = new Set(other.added.map(({ text }) => text));
  const gone = new Set(other.removed);
  const added = file.added.filter(({ text }) => lines.has(text));
  const removed = file.removed.filter((text) => gone.has(text));
  const isWhole = added.length === file.added.length && removed.length === file.removed.length;
  return [
    {
      ...file,
      added,
      removed,
      ...(isWhole ? {} : { additions: added.length, deletions: removed.length }),
    },
  ];
}
