import type { Delta, DeltaFile } from "@agent-control-plane/core";
import { type Anchor, anchorGit } from "./anchor.ts";
import { changedFiles } from "./anchor-diff.ts";
import { checkedSha, isAncestor } from "./anchor-refs.ts";
import { type PatchedFile, parsePatch } from "./parse-patch.ts";

/**
 * What the commits from `startSha` to `headSha` change, line by line. With `baseSha`, of a branch that was merged in
 * between, what comes from there is left out: files and lines that differ from both sides remain. Throws `GitError`.
 */
export async function readDelta(
  anchor: Anchor,
  of: { readonly startSha: string; readonly headSha: string; readonly baseSha?: string; readonly maxBytes: number },
): Promise<Delta> {
  const [start, head] = [checkedSha(of.startSha), checkedSha(of.headSha)];
  const own = await compare(anchor, start, head, of.maxBytes);
  const merged = of.baseSha === undefined ? null : await mergedIn(anchor, checkedSha(of.baseSha), start, head);
  const toBase = merged === null ? null : await compare(anchor, merged, head, of.maxBytes);
  const passing = await patchesBetween(anchor, start, head, merged, of.maxBytes);
  return {
    files: toBase === null ? own.files : own.files.flatMap((file) => inBoth(file, toBase.files)),
    passing: passing.files,
    isCut: own.isCut || (toBase?.isCut ?? false) || passing.isCut,
  };
}

interface Compared {
  readonly files: readonly DeltaFile[];
  readonly isCut: boolean;
}

async function compare(anchor: Anchor, from: string, to: string, maxBytes: number): Promise<Compared> {
  const stats = await changedFiles(anchor, from, to);
  const { files, isCut } = await patch(anchor, ["diff-tree", "-r", ...shape, from, to], maxBytes);
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

/** Of a single commit that is what the comparison shows already. */
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
  return patch(anchor, ["log", "--no-merges", "--format=", ...shape, ...range], maxBytes);
}

async function patch(anchor: Anchor, args: readonly string[], maxBytes: number) {
  const { stdout, truncated } = await anchorGit(anchor, args, { maxBytes });
  const whole = truncated ? stdout.subarray(0, stdout.lastIndexOf(0x0a) + 1) : stdout;
  return { files: parsePatch(whole.toString("utf8")), isCut: truncated };
}

const shape = [
  ...["-p", "-U0", "--no-renames", "--no-prefix", "--full-index"],
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
