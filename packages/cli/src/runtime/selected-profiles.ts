import { listProfileIds } from "@agent-control-plane/core";
import type { CliContext } from "../context.ts";
import { noProfile, selectProfileId } from "../select-profile.ts";
import type { RuntimeOptions } from "./runtime-options.ts";

/** The profiles that a command of the runtime is about: one, or with `all` those that are installed. */
export function selected(
  context: Pick<CliContext, "home" | "env">,
  { profileId, all }: Pick<RuntimeOptions, "profileId" | "all">,
): readonly string[] {
  if (all !== true) return [selectProfileId(context, profileId)];
  const ids = listProfileIds(context.home);
  if (ids.length > 0) return ids;
  throw noProfile(context.home);
}
