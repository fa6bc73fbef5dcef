import { formatProblem, type Profile, readProfile, type SpendLimit } from "@agent-control-plane/core";
import { backends } from "@agent-control-plane/runners/backends";
import type { CliContext } from "../context.ts";

/** What `status` takes from a profile's file. */
export interface ProfileFacts {
  readonly profileId: string;
  readonly problems: number;
  /** The first of them in words. */
  readonly problemTexts: readonly string[];
  readonly timeZone: string;
  /** Of a day. */
  readonly limit: SpendLimit;
  /** Null: not known without a daemon that has reached its forge. */
  readonly repository: { readonly slug: string; readonly url: string } | null;
  /** Most sessions at once; null: not known. */
  readonly workers: number | null;
  /** So long after its last session a conversation may be gone on with; 0: none ever; null: not known. */
  readonly resumeMs: number | null;
}

const mostTexts = 20;

/** A profile that cannot be read has no time zone: its day is UTC's, and its limits are not known. */
export function profileFacts({ home, env }: Pick<CliContext, "home" | "env">, profileId: string): ProfileFacts {
  const parsed = readProfile(home, profileId, env, backends);
  if (!parsed.ok) {
    const problemTexts = parsed.problems.slice(0, mostTexts).map(formatProblem);
    const unknown = { limit: { usd: null, tokens: null }, repository: null, workers: null, resumeMs: null };
    return { profileId, problems: parsed.problems.length, problemTexts, timeZone: "UTC", ...unknown };
  }
  const { timeZone, budgets, repo, forge, limits, execution } = parsed.profile;
  const repository = forge.gitUrl === null ? null : { slug: repo.slug, url: `${forge.gitUrl}/${repo.slug}` };
  const none = { problems: 0, problemTexts: [] };
  return {
    ...{ profileId, ...none, timeZone, limit: budgets.day, repository, workers: limits.maxConcurrentWorkers },
    resumeMs: resumeMsOf(execution),
  };
}

/** Pure. As `ProfileFacts` has it. */
export const resumeMsOf = ({ resume }: Pick<Profile["execution"], "resume">): number =>
  resume.enabled ? resume.maxAgeMs : 0;
