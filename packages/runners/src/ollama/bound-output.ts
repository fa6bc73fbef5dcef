/**
 * Pure. A tool's output for the model: at most so many lines and bytes, the begin and the end of it, with a note of
 * what was cut in between. The end is where commands say how they came out.
 */
export function boundOutput(text: string, most: { readonly bytes: number; readonly lines: number }): string {
  const lines = text.split("\n");
  const fewer =
    lines.length <= most.lines
      ? text
      : joined(
          lines.slice(0, Math.ceil(most.lines / 3)).join("\n"),
          `${lines.length - most.lines} lines`,
          lines.slice(-Math.floor((most.lines * 2) / 3)).join("\n"),
        );
  if (Buffer.byteLength(fewer) <= most.bytes) return fewer;
  const bytes = Buffer.from(fewer);
  const head = decoded(bytes.subarray(0, Math.floor(most.bytes / 3)));
  const tail = decoded(bytes.subarray(bytes.length - Math.floor((most.bytes * 2) / 3)));
  return joined(head, `${bytes.length - most.bytes} bytes`, tail);
}

const joined = (head: string, what: string, tail: string): string =>
  `${head}\n[... ${what} left out here ...]\n${tail}`;

/** A cut may fall into the middle of a character. */
const decoded = (bytes: Buffer): string => bytes.toString("utf8").replace(/^\uFFFD+|\uFFFD+$/g, "");

/** How much of the context one result may take: a sixth, at four bytes a token. */
export function outputBound(numCtx: number): { readonly bytes: number; readonly lines: number } {
  const bytes = Math.min(32_000, Math.max(2_000, Math.floor((numCtx * 4) / 6)));
  return { bytes, lines: Math.max(60, Math.floor(bytes / 40)) };
}
