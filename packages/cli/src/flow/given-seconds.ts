import { UserError } from "@agent-control-plane/core";

/** A number of seconds as an option has it, in milliseconds; exit code 64 for anything else. */
export function givenSeconds(option: string, given: string): number {
  if (/^\d{1,8}(?:\.\d{1,3})?$/.test(given)) return Math.round(Number(given) * 1000);
  throw new UserError(`${option} is a number of seconds, such as 60, and not "${given}".`, { exitCode: 64 });
}
