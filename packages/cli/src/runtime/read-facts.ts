import type { CliContext } from "../context.ts";
import type { ProfileFacts } from "./profile-facts.ts";

/** Loads what reads profiles only now: most of the time a daemon has read them already. */
export const readFacts = async (context: CliContext, profileId: string): Promise<ProfileFacts> =>
  (await import("./profile-facts.ts")).profileFacts(context, profileId);
