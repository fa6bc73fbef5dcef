/**
 * Pure. Text from outside as a reader sees it: line ends made one kind, control characters and invisible ones that
 * change how the text reads (bidirectional overrides, zero-width, tags) shown as `[U+202E]`, cut at `maxLength`.
 */
export function readableText(text: string, maxLength: number): string {
  const shown = text
    .slice(0, maxLength + 1)
    .replace(/\r\n?/g, "\n")
    .replace(hiddenCharacters, (found) => `[U+${found.codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0")}]`)
    .replace(/\p{Surrogate}/gu, "\uFFFD");
  if (text.length <= maxLength && shown.length <= maxLength * 2) return shown;
  return `${shown.slice(0, maxLength).replace(/[\ud800-\udbff]$/, "")}\n[cut: the whole text has ${text.length} characters]`;
}

/** Like `readableText`, on one line; for titles. */
export function readableLine(text: string, maxLength: number): string {
  return readableText(text.replace(/\s+/g, " ").trim(), maxLength).replaceAll("\n", " ");
}

// C0 without tab and newline, DEL and C1, soft hyphen, zero-width and bidirectional marks, overrides and isolates,
// line and paragraph separators, invisible operators, byte order mark, interlinear and tag characters.
const hiddenCharacters =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;
