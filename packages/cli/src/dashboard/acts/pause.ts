import * as z from "zod";
import { scopeText } from "../../runtime/describe-pause.ts";
import { pauseProfiles, resumeProfiles } from "../../runtime/pause-profiles.ts";
import { pausing } from "../../runtime/pause-scope.ts";
import { actOf, asJson } from "./act.ts";
import { sentence } from "./fields.ts";

/** `*`: all profiles. */
const profile = z.string().min(1).max(100);

const scopeOf = (named: string) => (named === "*" ? { all: true } : { profileId: named });

/** `acp runtime pause` */
export const pause = actOf({ profile, reason: sentence.optional() }, async (context, body, by) => {
  const paused = await pauseProfiles(context, { ...pausing(context, scopeOf(body.profile)), reason: body.reason, by });
  const isNew = paused.status === "paused";
  const message = isNew
    ? `Paused: ${scopeText(paused.scope)}. Nothing new starts; what runs goes on to its end.`
    : `It was paused already, by ${paused.actor}.`;
  return { status: paused.status, message, result: asJson(paused) };
});

/** `acp runtime resume` */
export const resume = actOf({ profile }, async (context, body, by) => {
  const resumed = await resumeProfiles(context, { ...pausing(context, scopeOf(body.profile)), by });
  const messages = {
    resumed: `Resumed: ${scopeText(resumed.scope)}.`,
    "not-paused": `Not paused: ${scopeText(resumed.scope)}.`,
    "still-paused": `Still paused by ${resumed.left.map((left) => scopeText(left.scope)).join(" and ")}.`,
  };
  return { status: resumed.status, message: messages[resumed.status], result: asJson(resumed) };
});
