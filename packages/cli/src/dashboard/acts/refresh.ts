import * as z from "zod";
import { refreshedInWords, refreshProfiles } from "../../runtime/refresh-profiles.ts";
import { selected } from "../../runtime/selected-profiles.ts";
import { actOf, asJson } from "./act.ts";

/** `acp runtime refresh`; `*`, and nothing: all profiles. */
export const refresh = actOf({ profile: z.string().min(1).max(100).default("*") }, async (context, { profile }) => {
  const ids = selected(context, profile === "*" ? { all: true } : { profileId: profile });
  const refreshed = await refreshProfiles(context, ids);
  const words = refreshedInWords(refreshed);
  return {
    status: refreshed.status,
    message: `${words[0]?.toUpperCase()}${words.slice(1)}.`,
    result: asJson(refreshed),
  };
});
