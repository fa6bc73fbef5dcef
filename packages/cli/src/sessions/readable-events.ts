/** `12:00:03  message  text`; what is no event of ours is shown as it is. */
export const readableEvents = (lines: string): string => lines.split("\n").map(readableEvent).join("\n");

function readableEvent(line: string): string {
  try {
    const { at, kind, text, ...rest } = JSON.parse(line) as { at: number; kind: string; text?: unknown };
    const said = typeof text === "string" ? [text] : [];
    const more = Object.keys(rest).length > 0 ? [JSON.stringify(rest)] : [];
    return [new Date(at).toISOString().slice(11, 19), kind, ...said, ...more].join("  ");
  } catch {
    return line;
  }
}
