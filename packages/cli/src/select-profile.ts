import { listProfileIds, UserError } from "@agent-control-plane/core";
import type { CliContext } from "./context.ts";

/**
 * The profile a command is about: the flag, `ACP_PROJECT_ID`, or the only one there is. With several and no word from
 * the person it refuses (64) rather than guess; with none it says how to make one (66).
 */
export function selectProfileId({ home, env }: Pick<CliContext, "home" | "env">, given: string | undefined): string {
  const named = given ?? env.ACP_PROJECT_ID;
  if (named !== undefined && named !== "") return named;
  const [first, ...others] = listProfileIds(home);
  if (first === undefined) {
    throw new UserError(`No profile is installed under ${home}. Make one with "acp init --profile-id <id>".`, {
      exitCode: 66,
    });
  }
  if (others.length === 0) return first;
  throw new UserError(`Several profiles are installed: ${[first, ...others].join(", ")}. Name one with --profile-id.`, {
    exitCode: 64,
  });
}
