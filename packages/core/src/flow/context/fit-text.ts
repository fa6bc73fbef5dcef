/** Bytes of UTF-8. */
export const sizeOf = (text: string): number => Buffer.byteLength(text, "utf8");

/**
 * Pure. The text when it has at most so many bytes, else its beginning and its end with a mark between them that says so
 * and how long the whole is. Never more bytes than `most`, never a part of a character; what is less than a mark has only a beginning.
 * `whole`: how many bytes it had before `pruned`.
 */
export function fitText(text: string, most: number, whole: number = sizeOf(text)): string {
  if (sizeOf(text) <= most) return text;
  const bytes = Buffer.from(text, "utf8");
  const mark = `\n[... cut here: the whole text has ${whole} bytes ...]\n`;
  const room = most - sizeOf(mark);
  if (room < 2) return headOf(bytes, Math.max(0, most));
  return `${headOf(bytes, Math.ceil(room / 2))}${mark}${tailOf(bytes, Math.floor(room / 2))}`;
}

/** Less of the middle of a text that `fitText` will cut anyway: work is done on what may be shown, not on megabytes. */
export function pruned(text: string, most: number): string {
  const size = sizeOf(text);
  if (size <= 2 * most + 8) return text;
  const bytes = Buffer.from(text, "utf8");
  return headOf(bytes, most + 4) + tailOf(bytes, most + 4);
}

function headOf(bytes: Buffer, most: number): string {
  let end = Math.min(most, bytes.length);
  while (end > 0 && end < bytes.length && isInside(bytes[end])) end -= 1;
  return bytes.toString("utf8", 0, end);
}

function tailOf(bytes: Buffer, most: number): string {
  let start = bytes.length - most;
  while (start < bytes.length && isInside(bytes[start])) start += 1;
  return bytes.toString("utf8", start);
}

/** A byte that goes on with the character before it. */
const isInside = (byte: number | undefined): boolean => ((byte ?? 0) & 0xc0) === 0x80;

/** Shares of a room: whoever needs less than an equal part leaves the rest to the others. */
export function sharesOf(sizes: readonly number[], room: number): readonly number[] {
  const shares = sizes.map(() => 0);
  const order = sizes.map((_, index) => index).sort((a, b) => (sizes[a] ?? 0) - (sizes[b] ?? 0));
  let left = Math.max(0, room);
  for (const [done, index] of order.entries()) {
    const share = Math.min(sizes[index] ?? 0, Math.floor(left / (order.length - done)));
    shares[index] = share;
    left -= share;
  }
  return shares;
}
