import type { AddedLine } from "@agent-control-plane/core";

export interface PatchedFile {
  readonly path: string;
  readonly isBinary: boolean;
  readonly added: readonly AddedLine[];
  readonly removed: readonly string[];
}

interface Patching {
  path: string | null;
  isBinary: boolean;
  readonly added: AddedLine[];
  readonly removed: string[];
}

/**
 * Pure. The added and removed lines of each file in a patch that git wrote with `-U0 --no-renames --no-prefix`. How long
 * each part is stands in its header, so that no line of a file can pass for a header.
 */
export function parsePatch(text: string): readonly PatchedFile[] {
  const files: Patching[] = [];
  let file: Patching = fresh();
  let [toRemove, toAdd, line] = [0, 0, 0];
  for (const each of text.split("\n")) {
    if (toRemove > 0 && each.startsWith("-")) {
      file.removed.push(each.slice(1));
      toRemove -= 1;
    } else if (toAdd > 0 && each.startsWith("+")) {
      file.added.push({ line, text: each.slice(1) });
      line += 1;
      toAdd -= 1;
    } else if (toRemove > 0 || toAdd > 0) {
      // "\ No newline at end of file" between the two halves.
    } else if (each.startsWith("diff --git ")) {
      file = fresh();
      files.push(file);
    } else if (each.startsWith("--- ") || each.startsWith("+++ ")) {
      file.path = pathIn(each.slice(4)) ?? file.path;
    } else if (each.startsWith("Binary files ") || each.startsWith("GIT binary patch")) {
      file.isBinary = true;
    } else {
      const hunk = /^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(each);
      if (hunk) [toRemove, line, toAdd] = [Number(hunk[1] ?? 1), Number(hunk[2]), Number(hunk[3] ?? 1)];
    }
  }
  return files.flatMap(({ path, ...rest }) => (path === null ? [] : [{ path, ...rest }]));
}

const fresh = (): Patching => ({ path: null, isBinary: false, added: [], removed: [] });

/** Git ends a name that has spaces with a tab, and quotes one that has odd characters as C would. */
function pathIn(written: string): string | null {
  const name = written.replace(/\t$/, "");
  if (name === "/dev/null") return null;
  if (!name.startsWith('"') || !name.endsWith('"')) return name;
  const bytes: number[] = [];
  for (const [, escaped, plain = ""] of name.slice(1, -1).matchAll(/\\([0-7]{3}|.)|([^\\]+)/gu)) {
    if (escaped === undefined) bytes.push(...Buffer.from(plain));
    else if (escaped.length === 3) bytes.push(Number.parseInt(escaped, 8));
    else bytes.push(...Buffer.from(simple[escaped] ?? escaped));
  }
  return Buffer.from(bytes).toString("utf8");
}

const simple: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", a: "\x07", b: "\b", f: "\f", v: "\v" };
