import type { ContractReading } from "../../domain/evidence.ts";
import type { GuardFinding } from "../../domain/guard.ts";
import { code, neutralise } from "./inert-text.ts";

const maxFound = 20;

/** What the host found in the change that people should know of; nothing when there is nothing. */
export function findingLines(findings: readonly GuardFinding[]): readonly string[] {
  const found = findings.flatMap((each) => each.found);
  if (found.length === 0) return [];
  const left = found.length - maxFound;
  return [
    "",
    "**Worth a look** (found by the host):",
    "",
    ...found.slice(0, maxFound).map((each) => `- ${code(neutralise(each, null))}`),
    ...(left > 0 ? [`- and ${left} more`] : []),
  ];
}

/** What the agent says it checked itself: shown as its words, believed by nobody. */
export function noteLines(contract: ContractReading): readonly string[] {
  const notes = contract.kind === "invalid" ? [] : (contract.notes ?? []);
  if (notes.length === 0) return [];
  return [
    "",
    "**What the agent says it checked** (not checked):",
    "",
    ...notes.map((note) => `- ${code(neutralise(note, null))}`),
  ];
}
