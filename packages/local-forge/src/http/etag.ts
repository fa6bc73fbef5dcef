import { createHash } from "node:crypto";

/** Pure: the tag of an answer. Two credentials never share one, as at GitHub. */
export function etagOf(credential: string, seed: string): string {
  return `W/"${createHash("sha256").update(credential).update("\0").update(seed).digest("hex")}"`;
}

/** Pure: weak comparison of `If-None-Match` with a tag. */
export function matchesEtag(ifNoneMatch: string | null | undefined, etag: string): boolean {
  if (!ifNoneMatch) return false;
  const strip = (tag: string) => tag.trim().replace(/^W\//, "");
  return ifNoneMatch.split(",").some((tag) => tag.trim() === "*" || strip(tag) === strip(etag));
}
