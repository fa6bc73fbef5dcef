import { type HoldReason, holdReasons, holdText, type OutboxRow, unblockedBy } from "@agent-control-plane/core";

/** What a row was held back for, and what lets it go: the host sends it by itself then. */
export function whyHeldBack({ lastError }: Pick<OutboxRow, "lastError">): { holds: string; letsGo: string } {
  const reason = (lastError ?? "").replace(/^withdrawn: /, "");
  if (reason === "approval-needed") return { holds: holdText(reason), letsGo: approval };
  if (isHoldReason(reason)) return { holds: holdText(reason), letsGo: unblockedBy(reason) };
  return { holds: reason, letsGo: "the act that holds it back is taken back" };
}

const approval =
  "somebody with permission reads what the comment on its item names, and sets the approval label there " +
  "(agent-human-approved, unless the profile names another)";

const isHoldReason = (reason: string): reason is HoldReason => Object.hasOwn(holdReasons, reason);
