import { type Anchor, anchorGit } from "./anchor.ts";
import { checkedSha } from "./anchor-refs.ts";

/** One path that differs between two commits; a rename is a deletion and an addition. Binary files have no counts. */
export interface ChangedFile {
  readonly path: string;
  readonly status: "added" | "modified" | "deleted" | "type-changed";
  readonly additions: number | null;
  readonly deletions: number | null;
}

export interface DiffStat {
  readonly files: number;
  readonly additions: number;
  readonly deletions: number;
}

/** The unified diff between two commits, cut after the last whole line within `maxBytes`. */
export async function diff(
  anchor: Anchor,
  base: string,
  head: string,
  options: { readonly maxBytes: number },
): Promise<{ readonly text: string; readonly truncated: boolean }> {
  const args = ["diff-tree", "-p", "-r", "-M", "--full-index", ...plain, checkedSha(base), checkedSha(head)];
  const { stdout, truncated } = await anchorGit(anchor, args, { maxBytes: options.maxBytes });
  const whole = truncated ? stdout.subarray(0, stdout.lastIndexOf(0x0a) + 1) : stdout;
  return { text: whole.toString("utf8"), truncated };
}

export async function changedFiles(
  anchor: Anchor,
  base: string,
  head: string,
  env: Readonly<Record<string, string>> = {},
): Promise<readonly ChangedFile[]> {
  const args = [
    "diff-tree",
    "-r",
    "-z",
    "--raw",
    "--numstat",
    "--no-renames",
    ...plain,
    checkedSha(base),
    checkedSha(head),
  ];
  return parseChangedFiles((await anchorGit(anchor, args, { env })).stdout.toString("utf8"));
}

export function diffStat(files: readonly ChangedFile[]): DiffStat {
  return {
    files: files.length,
    additions: files.reduce((sum, f) => sum + (f.additions ?? 0), 0),
    deletions: files.reduce((sum, f) => sum + (f.deletions ?? 0), 0),
  };
}

/** Reads `--raw --numstat -z`: first `:modes ids status NUL path NUL` for each file, then `added TAB deleted TAB path NUL`. */
function parseChangedFiles(text: string): readonly ChangedFile[] {
  const fields = text.split("\0");
  const status = new Map<string, ChangedFile["status"]>();
  let at = 0;
  for (; fields[at]?.startsWith(":"); at += 2) {
    status.set(fields[at + 1] ?? "", statuses[fields[at]?.split(" ")[4]?.[0] ?? ""] ?? "modified");
  }
  return fields.slice(at).flatMap((field) => {
    const found = /^(\d+|-)\t(\d+|-)\t([\s\S]+)$/.exec(field);
    if (found === null) return [];
    const [, added = "-", deleted = "-", path = ""] = found;
    return [{ path, status: status.get(path) ?? "modified", additions: count(added), deletions: count(deleted) }];
  });
}

const plain = ["--no-ext-diff", "--no-textconv", "--no-color", "--ignore-submodules=none"] as const;

const statuses: Readonly<Record<string, ChangedFile["status"]>> = {
  A: "added",
  M: "modified",
  D: "deleted",
  T: "type-changed",
};

function count(text: string): number | null {
  return text === "-" ? null : Number(text);
}
