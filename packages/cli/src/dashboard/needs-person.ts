import { holdText, isAwaiting, isWithdrawn, unblockedBy, waitsForPerson } from "@agent-control-plane/core";
import type { NeedsPerson } from "@agent-control-plane/dashboard";
import type { ProfileRows } from "../runtime/status-in-store.ts";
import { oneLine } from "./shown.ts";

type Rows = Pick<ProfileRows, "decisions" | "tasks" | "failed">;

/** Beyond that nobody reads; the numbers of all stand beside them. */
const most = 100;

/** Pure. What goes on only when a person acts, the oldest first. */
export function needsPerson(rows: Rows): readonly NeedsPerson[] {
  return [...heldItems(rows), ...refusedWrites(rows)].sort((a, b) => a.since - b.since).slice(0, most);
}

const heldItems = (rows: Rows): readonly NeedsPerson[] =>
  rows.decisions.flatMap(({ subject, verdict, reason, detail, decidedAt }) => {
    if (verdict !== "hold" || !waitsForPerson(reason)) return [];
    const text = oneLine(detail === "" ? holdText(reason) : `${holdText(reason)}: ${detail}`, 300);
    const does = actOn(rows, reason, subject);
    return [{ subject, code: reason, text, act: unblockedBy(reason), does, since: decidedAt }];
  });

function actOn({ tasks, failed }: Rows, reason: string, subject: string): NeedsPerson["does"] {
  if (reason === "dead-letter") {
    const dead = tasks.findLast((task) => task.subject === subject && task.state === "dead");
    return dead ? { name: "retry-task", body: { task: dead.id } } : null;
  }
  if (reason !== "approval-needed") return null;
  const held = failed.find((row) => isAwaiting(row) && row.stream === `${row.profileId}/${subject}`);
  return held?.taskId ? { name: "approve", body: { task: held.taskId } } : null;
}

const refusedWrites = ({ failed }: Rows): readonly NeedsPerson[] =>
  failed
    .filter((row) => !isWithdrawn(row))
    .map(({ id, kind, lastError, createdAt }) => ({
      ...{ subject: `outbox:${id}`, code: "dead-write", since: createdAt },
      text: oneLine(`${kind} was refused: ${lastError ?? "no reason recorded"}`, 300),
      act: `acp outbox retry ${id}, or acp outbox drop ${id}`,
      does: { name: "retry-write", body: { write: id } },
    }));
