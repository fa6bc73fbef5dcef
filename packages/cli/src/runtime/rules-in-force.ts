import type { Json, RuntimeRow } from "@agent-control-plane/core";
import { hostRulesKey, type RulesProblem } from "./rules-problem.ts";

/** Whether a daemon works by the rules as they stand in the file; field by field in docs/json-output.md. */
export interface RulesInForce {
  readonly state: "in-force" | RulesProblem["state"];
  readonly problems: readonly string[];
  /** Since when the newest rules are not in force. */
  readonly since: number | null;
}

/** What the live daemons (newest first) say of a profile's rules, or of the host's; null when none of them knows it. */
export function rulesOf(daemons: readonly RuntimeRow[], key: string): RulesInForce | null {
  const troubled = daemons.map((daemon) => reportOf(daemon, key).rules).find((rules) => rules !== undefined);
  if (troubled) return troubled as unknown as RulesProblem;

  const isServed = daemons.some(({ profileIds }) => profileIds.includes(key) || key === hostRulesKey);
  return isServed ? { state: "in-force", problems: [], since: null } : null;
}

/** What a daemon's row holds of a profile: its last tick, and as `rules` what is wrong with its newest rules. */
export function reportOf(daemon: RuntimeRow | undefined, key: string): { readonly [name: string]: Json } {
  const all = daemon?.lastTick;
  if (!all || typeof all !== "object" || !(key in all)) return {};
  return (all as { [key: string]: { [name: string]: Json } })[key] ?? {};
}
