/**
 * Pure. Of a `Range` header with one range of bytes; `all`: there is none, or it is one that may be passed over (RFC 9110
 * 14.2: another unit, several ranges); null: it is of our kind and makes no sense.
 */
export function byteRange(
  header: string | undefined,
): { readonly start: number; readonly length: number } | "all" | null {
  if (header === undefined || !header.startsWith("bytes=") || header.includes(",")) return "all";
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header.replaceAll(" ", ""));
  if (!match || (match[1] === "" && match[2] === "")) return null;
  if (match[1] === "") return Number(match[2]) === 0 ? null : { start: -Number(match[2]), length: Number(match[2]) };
  const start = Number(match[1]);
  if (match[2] === "") return { start, length: Number.POSITIVE_INFINITY };
  const end = Number(match[2]);
  return end < start ? null : { start, length: end - start + 1 };
}
