import type { Json, RuntimeRow } from "@agent-control-plane/core";
import { reportOf, rulesOf } from "../runtime/rules-in-force.ts";
import { hostRulesKey } from "../runtime/rules-problem.ts";
import type { FoundTrouble } from "./troubles-of.ts";

const minuteMs = 60_000;

/** Pure. What the live daemons (newest first) cannot work by, and which profiles see nothing of their forge. */
export function rulesTroubles(daemons: readonly RuntimeRow[], profileIds: readonly string[]): readonly FoundTrouble[] {
  return [
    ...rulesTrouble(daemons, hostRulesKey),
    ...profileIds.flatMap((id) => [...rulesTrouble(daemons, id), ...forgeTrouble(daemons, id)]),
  ];
}

const doing = {
  "in-force": "",
  "last-good": "its newest rules are not valid, and those of before hold",
  "restart-needed": "its newest rules need a restart, and those of before hold",
  "not-loaded": "it is not worked: its rules are not valid",
} as const;

function rulesTrouble(daemons: readonly RuntimeRow[], id: string): readonly FoundTrouble[] {
  const rules = rulesOf(daemons, id);
  if (rules === null || rules.state === "in-force") return [];
  const isHost = id === hostRulesKey;
  const [first = ""] = rules.problems;
  const more = rules.problems.length > 1 ? ` (and ${rules.problems.length - 1} more)` : "";
  return [
    {
      key: `broken-profile:${id}:${rules.state}`,
      ...{ kind: "broken-profile", code: rules.state, profileId: isHost ? null : id, subject: isHost ? id : null },
      text: `${doing[rules.state]}: ${first}${more}`,
      act: rules.state === "restart-needed" ? "acp runtime restart" : "acp profile validate",
      since: rules.since,
      settleMs: 30_000,
    },
  ];
}

/** A forge that is away mostly comes back; one that refuses us does not by itself. */
const forgeWaits: Readonly<Record<string, number>> = {
  "forge-refused": 0.5 * minuteMs,
  "forge-unreachable": 15 * minuteMs,
  "tick-failed": 5 * minuteMs,
};

function forgeTrouble(daemons: readonly RuntimeRow[], id: string): readonly FoundTrouble[] {
  const daemon = daemons.find(({ profileIds }) => profileIds.includes(id));
  const { forge, forgeDetail, error } = reportOf(daemon, id);
  const code = error === undefined ? textOf(forge) : "tick-failed";
  const settleMs = forgeWaits[code];
  if (settleMs === undefined) return [];
  return [
    {
      key: `broken-profile:${id}:${code}`,
      ...{ kind: "broken-profile", code, profileId: id, subject: null, since: null, settleMs },
      text: `nothing of it goes on: ${textOf(error ?? forgeDetail) || code}`,
      act: `acp doctor --profile-id ${id}`,
    },
  ];
}

const textOf = (value: Json | undefined): string => (typeof value === "string" ? value : "");
