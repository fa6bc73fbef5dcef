import { readProfile, type SpendLimit } from "@agent-control-plane/core";
import { backends } from "@agent-control-plane/runners/backends";
import type { CliContext } from "../context.ts";

/** What `status` takes from a profile's file. */
export interface ProfileFacts {
  readonly profileId: string;
  readonly problems: number;
  readonly timeZone: string;
  /** Of a day. */
  readonly limit: SpendLimit;
}

/** A profile that cannot be read has no time zone: its day is UTC's, and its limits are not known. */
export function profileFacts({ home, env }: Pick<CliContext, "home" | "env">, profileId: string): ProfileFacts {
  const parsed = readProfile(home, profileId, env, backends);
  if (!parsed.ok)
    return { profileId, problems: parsed.problems.length, timeZone: "UTC", limit: { usd: null, tokens: null } };
  const { timeZone, budgets } = parsed.profile;
  return { profileId, problems: 0, timeZone, limit: budgets.day };
}
