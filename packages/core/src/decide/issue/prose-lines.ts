/**
 * The lines of a Markdown text that are meant as said, trimmed: without code blocks and hidden comments, where
 * examples and templates stand. Time grows with the length of the text and nothing else.
 */
export function proseLines(text: string): readonly string[] {
  const lines: string[] = [];
  let fence: string | null = null;
  let isHidden = false;
  for (const raw of text.split("\n")) {
    const line = raw.trim();
    if (fence !== null) {
      if (closes(line, fence)) fence = null;
    } else if (isHidden) {
      isHidden = !line.includes("-->");
    } else if (line.startsWith("```") || line.startsWith("~~~")) {
      fence = leadingRun(line);
    } else if (line.startsWith("<!--")) {
      isHidden = !line.includes("-->");
    } else lines.push(line);
  }
  return lines;
}

/** The same sign, at least as often, and nothing else. */
const closes = (line: string, fence: string): boolean => line.startsWith(fence) && leadingRun(line) === line;

function leadingRun(line: string): string {
  let end = 1;
  while (end < line.length && line[end] === line[0]) end += 1;
  return line.slice(0, end);
}
