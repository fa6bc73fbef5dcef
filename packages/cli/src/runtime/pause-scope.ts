import { listProfileIds, readProfile } from "@agent-control-plane/core";
import { backends } from "@agent-control-plane/runners/backends";
import type { CliContext } from "../context.ts";
import type { RuntimeOptions } from "./runtime-options.ts";
import { selected } from "./selected-profiles.ts";

/** A broken profile can be paused, too, but one that is not installed is a slip of the pen. */
export function pausing(
  context: Pick<CliContext, "home" | "env">,
  options: Pick<RuntimeOptions, "profileId" | "all">,
): { readonly scope: string; readonly profiles: readonly string[] } {
  const profiles = selected(context, options);
  if (options.all) return { scope: "*", profiles };
  const installed = listProfileIds(context.home);
  for (const id of profiles) if (!installed.includes(id)) readProfile(context.home, id, context.env, backends);
  return { scope: profiles[0] ?? "*", profiles };
}
