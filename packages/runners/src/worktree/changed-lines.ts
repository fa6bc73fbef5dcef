import type { ChangedRange } from "@agent-control-plane/core";
import { type Anchor, anchorGit } from "./anchor.ts";
import { checkedSha } from "./anchor-refs.ts";

/** More than this of a diff is not read. */
const maxBytes = 20 * 1024 * 1024;

/** The lines of `to` that differ from `from`; where lines were only taken out, those beside the place. Null: too much. */
export async function changedLines(anchor: Anchor, from: string, to: string): Promise<readonly ChangedRange[] | null> {
  const args = ["diff-tree", "-p", "-r", "--unified=0", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-color"];
  const prefixes = ["--src-prefix=a/", "--dst-prefix=b/"];
  const { stdout, truncated } = await anchorGit(anchor, [...args, ...prefixes, checkedSha(from), checkedSha(to)], {
    maxBytes,
  });
  return truncated ? null : parseChangedLines(stdout.toString("utf8"));
}

/** Pure. Counts the lines of each hunk, so that no line of a file is taken for a heading. */
export function parseChangedLines(diff: string): readonly ChangedRange[] {
  const ranges: ChangedRange[] = [];
  const lines = diff.split("\n");
  let path: string | null = null;
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    if (line.startsWith("diff --git ")) path = null;
    else if (line.startsWith("+++ ")) path = pathIn(line.slice("+++ ".length));
    const hunk = /^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(line);
    if (!hunk) continue;
    const [removed, start, added] = [Number(hunk[1] ?? 1), Number(hunk[2]), Number(hunk[3] ?? 1)];
    if (path !== null) ranges.push({ path, from: Math.max(1, start), to: added === 0 ? start + 1 : start + added - 1 });
    for (let left = removed + added; left > 0; at += 1) if (!lines[at + 1]?.startsWith("\\")) left -= 1;
  }
  return ranges;
}

/** `b/` and the path; one with odd characters is in quotes, its bytes escaped as in C. A tab ends a name with spaces. */
function pathIn(name: string): string | null {
  if (name === "/dev/null") return null;
  if (!name.startsWith('"')) return name.replace(/\t$/, "").replace(/^b\//, "");
  const bytes: number[] = [];
  const body = Buffer.from(name.slice(1, name.lastIndexOf('"')), "utf8");
  for (let at = 0; at < body.length; at += 1) {
    const byte = body[at] ?? 0;
    if (byte !== 0x5c) {
      bytes.push(byte);
      continue;
    }
    const octal = /^[0-7]{3}/.exec(body.subarray(at + 1, at + 4).toString("latin1"))?.[0];
    const letter = String.fromCharCode(body[at + 1] ?? 0);
    bytes.push(octal ? Number.parseInt(octal, 8) : (escapes[letter] ?? letter.charCodeAt(0)));
    at += octal ? 3 : 1;
  }
  return Buffer.from(bytes).toString("utf8").replace(/^b\//, "");
}

const escapes: Readonly<Record<string, number>> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13 };
