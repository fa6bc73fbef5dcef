import { randomBytes } from "node:crypto";

/** Eight hexadecimal digits that nobody guesses or repeats. */
export function randomName(): string {
  return randomBytes(4).toString("hex");
}
