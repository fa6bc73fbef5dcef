import type { Delta, DeltaFile } from "../../domain/delta.ts";

/**
 * Whether nothing but blank lines and spaces at the ends of lines was changed: work without a change. Spaces at the
 * beginning of a line say something in many languages.
 */
export function changesOnlyBlanks({ files, isCut }: Delta): boolean {
  return !isCut && files.length > 0 && files.every(isBlank);
}

function isBlank({ status, isBinary, added, removed }: DeltaFile): boolean {
  const isModified = status === "modified" || status === "M";
  if (!isModified || isBinary || added.length + removed.length === 0) return false;
  return solid(added.map(({ text }) => text)) === solid(removed);
}

const solid = (lines: readonly string[]): string =>
  lines
    .map((line) => line.trimEnd())
    .filter((line) => line !== "")
    .join("\n");
