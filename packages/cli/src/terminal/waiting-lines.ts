import { type HoldReason, holdReasons, holdText, type StoredDecision } from "@agent-control-plane/core";
import { type Line, piece } from "./line.ts";
import type { ShownHome } from "./shown-home.ts";

/** Pure. What waits, by why: most reasons are those of many. What waits for a person stands elsewhere. */
export function waitingLines({ profiles }: ShownHome): readonly Line[] {
  const byReason = new Map<string, StoredDecision[]>();
  for (const { decisions, needsPerson } of profiles) {
    const elsewhere = new Set(needsPerson.map(({ subject }) => subject));
    for (const decision of decisions) {
      if (decision.verdict !== "hold" || decision.reason === "running" || elsewhere.has(decision.subject)) continue;
      byReason.set(decision.reason, [...(byReason.get(decision.reason) ?? []), decision]);
    }
  }
  return [...byReason].sort(([, a], [, b]) => b.length - a.length).flatMap(([reason, held]) => linesOf(reason, held));
}

function linesOf(reason: string, held: readonly StoredDecision[]): readonly Line[] {
  const text = reason in holdReasons ? holdText(reason as HoldReason) : "";
  const [only] = held;
  const detail = held.length === 1 && only ? only.detail : "";
  const named = held.slice(0, mostNamed).map(({ profileId, subject }) => `${profileId} ${subject}`);
  const more = held.length > mostNamed ? `, and ${held.length - mostNamed} more` : "";
  return [
    [piece(`  ${held.length}  `), piece(reason, "yellow"), piece(`  ${text}`, "dim")],
    [piece(`     ${named.join(", ")}${more}`), ...(detail === "" ? [] : [piece(`  ${detail}`, "dim")])],
  ];
}

const mostNamed = 20;
