/** One file of a unified diff. Every text is hostile. */
export interface PatchFile {
  readonly path: string;
  /** Where a renamed one was before. */
  readonly before: string | null;
  readonly status: "added" | "deleted" | "renamed" | "modified";
  readonly isBinary: boolean;
  readonly added: number;
  readonly removed: number;
  readonly lines: readonly PatchLine[];
}

export interface PatchLine {
  readonly kind: "hunk" | "added" | "removed" | "same" | "note";
  /** Without the sign that git puts before it. */
  readonly text: string;
  readonly before: number | null;
  readonly after: number | null;
}

/**
 * Pure. A diff by file. A hunk says how many lines it has, so that a line of a file which looks like the beginning of
 * another file is what it is: a line.
 */
export function parsePatch(patch: string): readonly PatchFile[] {
  const files: Draft[] = [];
  let left = { before: 0, after: 0 };
  let at = { before: 0, after: 0 };
  for (const line of linesOf(patch)) {
    const file = files.at(-1);
    const kind = kinds[line[0] ?? ""];
    if (file && kind && (left.before > 0 || left.after > 0)) {
      const isBefore = kind === "same" || kind === "removed";
      const isAfter = kind === "same" || kind === "added";
      file.lines.push({
        ...{ kind, text: kind === "note" ? line : line.slice(1) },
        ...{ before: isBefore ? at.before : null, after: isAfter ? at.after : null },
      });
      left = { before: left.before - Number(isBefore), after: left.after - Number(isAfter) };
      at = { before: at.before + Number(isBefore), after: at.after + Number(isAfter) };
      continue;
    }
    const hunk = file && /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(line);
    if (line.startsWith("diff --git ")) files.push(draftOf(line));
    else if (hunk) {
      at = { before: Number(hunk[1]), after: Number(hunk[3]) };
      left = { before: Number(hunk[2] ?? 1), after: Number(hunk[4] ?? 1) };
      file.lines.push({ kind: "hunk", text: line, before: null, after: null });
    } else if (file && file.lines.length === 0) readHeader(file, line);
    else if (file && line.startsWith("\\")) file.lines.push({ kind: "note", text: line, before: null, after: null });
  }
  return files.map(finished);
}

type Draft = { -readonly [field in keyof Omit<PatchFile, "lines" | "added" | "removed">]: PatchFile[field] } & {
  readonly lines: PatchLine[];
};

/** By their sign; a line with any other one ends a hunk, whatever it was to have. */
const kinds: Readonly<Record<string, PatchLine["kind"]>> = {
  ...{ "+": "added", "-": "removed", " ": "same", "": "same", "\\": "note" },
};

const linesOf = (patch: string): readonly string[] => (patch.endsWith("\n") ? patch.slice(0, -1) : patch).split("\n");

/** Both names are the same here unless it was renamed, which lines further down say. */
function draftOf(line: string): Draft {
  const names = line.slice("diff --git ".length);
  const path = unquoted(names.slice(Math.ceil(names.length / 2)));
  return { path: withoutSide(path), before: null, status: "modified", isBinary: false, lines: [] };
}

function readHeader(file: Draft, line: string): void {
  const value = (start: string) => (line.startsWith(start) ? unquoted(line.slice(start.length)) : null);
  if (line.startsWith("new file mode ")) file.status = "added";
  if (line.startsWith("deleted file mode ")) file.status = "deleted";
  if (line.startsWith("Binary files ")) file.isBinary = true;
  const from = value("rename from ");
  const to = value("rename to ");
  if (from !== null) Object.assign(file, { before: from, status: "renamed" });
  if (to !== null) file.path = to;
  const name = file.status === "deleted" ? value("--- ") : value("+++ ");
  if (name !== null && name !== "/dev/null") file.path = withoutSide(name);
}

/** `a/` and `b/`. */
const withoutSide = (path: string): string => path.replace(/^[ab]\//, "");

/** Git writes names with control characters or quotes as a C string, of bytes; after one with a blank it puts a tab. */
function unquoted(name: string): string {
  if (!name.startsWith('"')) return name.replace(/\t$/, "");
  const bytes = name
    .replace(/^"|"\t?$/g, "")
    .replace(/\\([0-7]{3}|.)/g, (_, code: string) =>
      code.length === 3 ? String.fromCharCode(Number.parseInt(code, 8)) : (escapes[code] ?? code),
    );
  return new TextDecoder().decode(Uint8Array.from(bytes, (character) => character.charCodeAt(0)));
}

const escapes: Readonly<Record<string, string>> = {
  ...{ a: "\u0007", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" },
};

const finished = (draft: Draft): PatchFile => ({
  ...draft,
  added: draft.lines.filter(({ kind }) => kind === "added").length,
  removed: draft.lines.filter(({ kind }) => kind === "removed").length,
});
