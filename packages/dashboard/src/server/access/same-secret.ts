import { createHash, timingSafeEqual } from "node:crypto";

/** Pure. In time that does not depend on where they differ. */
export function isSameSecret(a: string, b: string): boolean {
  return timingSafeEqual(digestOf(a), digestOf(b));
}

const digestOf = (text: string): Buffer => createHash("sha256").update(text).digest();
