import { isAwaiting, type Json, type OutboxRow, type Session } from "@agent-control-plane/core";
import type { ShownSession, ShownWrite } from "@agent-control-plane/dashboard";

/** Pure. A session as pages show it. */
export const shownSession = (session: Session): ShownSession => ({
  ...{ id: session.id, subject: session.subject, lane: session.lane, kind: session.kind, state: session.state },
  ...{ backend: session.backend, model: session.servedModel ?? session.model, attempt: session.attempt },
  ...{ intendedAt: session.intendedAt, startedAt: session.startedAt, endedAt: session.endedAt },
  ...{ outcome: session.outcome, exitReason: session.ending?.exitReason ?? null },
  ...{ summary: session.ending?.summary ?? null, spend: session.spend ?? null },
});

/** Pure. A row of the outbox as pages show it. */
export const shownWrite = (row: OutboxRow): ShownWrite => ({
  ...{ id: row.id, kind: row.kind, state: row.state, createdAt: row.createdAt, tries: row.tries },
  ...{ number: numberOf(row), preview: previewOf(row.body), lastError: row.lastError, sentAt: row.sentAt },
  ...{ awaits: isAwaiting(row), nextAt: row.state === "pending" ? row.nextAt : null },
});

const numberOf = ({ body, result }: OutboxRow): number | null => {
  const { number } = { ...(result as { number?: unknown } | null), ...(body as { number?: unknown }) };
  return typeof number === "number" ? number : null;
};

const mostPreview = 120;

/** The text it publishes, on one line; else its other values. */
function previewOf(body: OutboxRow["body"]): string {
  const { title, body: text, description, labels, branch, head } = body as { readonly [field: string]: Json };
  const said = [title, text, description, labels, branch, head].find((value) => value !== undefined && value !== null);
  return oneLine(Array.isArray(said) ? said.join(", ") : String(said ?? ""), mostPreview);
}

/** Pure. Cut, and on one line. */
export function oneLine(text: string, most: number): string {
  const line = text
    .slice(0, 4 * most)
    .replaceAll(/\s+/g, " ")
    .trim();
  return line.length > most || text.length > 4 * most ? `${line.slice(0, most - 1)}…` : line;
}
