import { type Json, profileFile, type RuntimeRow, type SpendLimit } from "@agent-control-plane/core";
import { fileStamp } from "./file-stamp.ts";
import type { ProfileFacts } from "./profile-facts.ts";
import { reportOf } from "./rules-in-force.ts";

/** What a daemon says in its row of the rules that it works by. */
export type FactsInForce = {
  /** Of the profile's file when they were read. */
  readonly stamp: string;
  readonly timeZone: string;
  /** Of a day. */
  readonly limit: SpendLimit & { readonly [name: string]: Json };
  /** Absent: a daemon of an earlier version. */
  readonly repository?: { readonly slug: string; readonly url: string };
  /** Most sessions at once. */
  readonly workers?: number;
  /** So long after its last session a conversation may be gone on with. */
  readonly resumeMs?: number;
};

/**
 * What `status` wants of a profile, from the daemon that serves it: reading and judging a profile takes longer than all
 * the rest of the command. Null: nobody serves it, or its file is not the one that was read.
 */
export function factsInForce(home: string, profileId: string, daemons: readonly RuntimeRow[]): ProfileFacts | null {
  const daemon = daemons.find(({ profileIds }) => profileIds.includes(profileId));
  const { facts, rules } = reportOf(daemon, profileId) as { readonly facts?: FactsInForce; readonly rules?: Json };
  if (facts === undefined || rules !== undefined || facts.stamp !== fileStamp(profileFile(home, profileId)))
    return null;
  const { timeZone, limit, repository = null, workers = null, resumeMs = null } = facts;
  return { ...{ profileId, problems: 0, problemTexts: [] }, timeZone, limit, repository, workers, resumeMs };
}
