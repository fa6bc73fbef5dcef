import type { ChangedFile } from "@agent-control-plane/core";
import { pageShape } from "./page-shape.ts";

/** One entry of the forge's list. A renamed file stands at two paths: its old one may be the one with rules about it. */
export interface FileEntry {
  readonly paths: readonly ChangedFile[];
}

/** In the words of a session's own diff, which follows no renames. Throws on what is no file. */
export function normaliseFile(raw: RawFile): FileEntry {
  if (typeof raw.filename !== "string") throw new Error("not a file");
  const { filename, previous_filename: previous } = raw;
  const isRenamed = raw.status === "renamed" && typeof previous === "string";
  const here = {
    path: filename,
    status: statuses.get(raw.status) ?? "modified",
    additions: count(raw.additions),
    deletions: count(raw.deletions),
  };
  return {
    paths: isRenamed ? [here, { path: previous, status: "deleted", additions: 0, deletions: 0 }] : [here],
  };
}

export const filesShape = pageShape("files-1", normaliseFile);

interface RawFile {
  readonly filename?: unknown;
  readonly previous_filename?: unknown;
  readonly status?: unknown;
  readonly additions?: unknown;
  readonly deletions?: unknown;
}

const statuses: ReadonlyMap<unknown, string> = new Map([
  ["added", "added"],
  ["copied", "added"],
  ["renamed", "added"],
  ["removed", "deleted"],
  ["changed", "type-changed"],
]);

/** Lines the forge does not count are an error: none would look like a small change. */
function count(lines: unknown): number {
  if (typeof lines === "number") return lines;
  throw new Error("not a number of lines");
}
