import { listProfileIds } from "@agent-control-plane/core";
import type { CliContext } from "../context.ts";
import { selectProfileId } from "../select-profile.ts";
import { printStatus } from "./print-status.ts";
import type { RuntimeOptions } from "./runtime-options.ts";
import { readStatus } from "./status.ts";

/** `acp runtime status`: of every installed profile, or of the one that is named. */
export async function showStatus(context: CliContext, options: RuntimeOptions): Promise<void> {
  const ids =
    options.profileId !== undefined || context.env.ACP_PROJECT_ID
      ? [selectProfileId(context, options.profileId)]
      : listProfileIds(context.home);
  const found = await readStatus(context, ids);
  if (options.check && !found.profiles.every((profile) => profile.running)) context.exitWith(1);
  if (options.json) return context.output.json(found);
  printStatus(context, found);
}
