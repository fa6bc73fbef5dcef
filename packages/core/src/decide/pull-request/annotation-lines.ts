import type { Annotation } from "../../domain/reading.ts";

const mostFailures = 20;
const mostOfOne = 300;
const mostOfAll = 4_000;

/** What a check marked as wrong; warnings and notes are left out. */
export const firstFailures = (annotations: readonly Annotation[]): readonly Annotation[] =>
  annotations.filter(({ level }) => level === "failure").slice(0, mostFailures);

/** As `path:line: message`, a line each and a few kilobytes together. */
export function annotationLines(failures: readonly Annotation[]): string {
  const lines: string[] = [];
  let length = 0;
  for (const failure of failures) {
    const line = lineOf(failure);
    length += line.length + 1;
    if (length > mostOfAll) break;
    lines.push(line);
  }
  return lines.join("\n");
}

function lineOf({ path, line, title, message }: Annotation): string {
  const words = [title, message].filter((text) => text !== "").join(": ");
  const text = `${path}${line === null ? "" : `:${line}`}: ${words}`.replace(/\s+/g, " ").trim();
  // Not between the halves of a surrogate pair.
  return text.length > mostOfOne ? `${text.slice(0, mostOfOne).replace(/[\uD800-\uDBFF]$/, "")}...` : text;
}
