import { UserError } from "@agent-control-plane/core";

/** `12` or `#12`. */
export function itemNumber(given: string): number {
  const match = /^#?(\d{1,9})$/.exec(given.trim());
  if (match && Number(match[1]) > 0) return Number(match[1]);
  throw new UserError(`"${given}" is no number of an issue or pull request. Give one like 12.`, { exitCode: 64 });
}

/** A count of things to list. */
export function limitOf(given: string): number {
  const count = Number(given);
  if (Number.isInteger(count) && count > 0) return count;
  throw new UserError(`--limit ${given} is no count. Give a whole number above 0.`, { exitCode: 64 });
}
