import type { PullRequestRules } from "../../domain/policy.ts";
import type { Check } from "../../domain/reading.ts";
import type { CiRepair } from "../../domain/wanted.ts";

/**
 * What failed checks ask for: nothing, to wait for the base branch, to be run again by the host, one repair by an
 * agent, or a person.
 */
export type CiRung = "none" | "base-broken" | "rerun" | "repair" | "parked";

export interface CiFacts {
  /** Failures that count. */
  readonly failures: readonly Check[];
  /** Names of the checks that fail on the head of the base branch as well. */
  readonly brokenOnBase: readonly string[];
  /** A rerun was asked for, and what we know may still be the failures of before. */
  readonly isRefreshing: boolean;
  readonly ciRefreshesUsed: number;
  /** A repair of this head ended without finding anything to change. */
  readonly repairFoundNothing: boolean;
  /** What repairs since a person's last push were to mend. */
  readonly ciRepairs: readonly CiRepair[];
  readonly headSha: string;
}

/**
 * The ladder, cheapest first. What fails on the base too is nobody's here. A first failure may be chance, so the host
 * has it run again; another rerun follows only a repair that found no fault. A repair is charged to the head it was
 * made for, and checks that were green in between forgive none.
 */
export function decideCiRung(facts: CiFacts, rules: Pick<PullRequestRules, "maxCiRefreshes" | "maxCiRepairs">): CiRung {
  const own = ownFailures(facts);
  if (facts.failures.length === 0) return "none";
  if (own.length === 0) return "base-broken";
  if (facts.isRefreshing || mayRerun(facts, rules, own)) return "rerun";
  if (facts.repairFoundNothing || repairsOf(facts, own) >= rules.maxCiRepairs) return "parked";
  return "repair";
}

/** The failures that are not those of the base. */
export const ownFailures = ({ failures, brokenOnBase }: Pick<CiFacts, "failures" | "brokenOnBase">): readonly Check[] =>
  failures.filter(({ name }) => !brokenOnBase.includes(name));

/** One failure, however often it shows: the names alone, each once. */
export const namesOf = (failures: readonly Check[]): readonly string[] =>
  [...new Set(failures.map(({ name }) => name))].sort();

function mayRerun(
  { ciRefreshesUsed, repairFoundNothing }: CiFacts,
  { maxCiRefreshes }: Pick<PullRequestRules, "maxCiRefreshes">,
  own: readonly Check[],
): boolean {
  const most = repairFoundNothing ? maxCiRefreshes : Math.min(1, maxCiRefreshes);
  return ciRefreshesUsed < most && own.some(({ runId }) => runId !== null);
}

/** A repair of this very head is not over before its push is seen: whether it helped is said of the next one. */
function repairsOf({ ciRepairs, headSha }: CiFacts, own: readonly Check[]): number {
  const names = JSON.stringify(namesOf(own));
  const same = ciRepairs.filter((each) => each.headSha !== headSha && JSON.stringify(each.checks) === names);
  return new Set(same.map((each) => each.headSha)).size;
}
