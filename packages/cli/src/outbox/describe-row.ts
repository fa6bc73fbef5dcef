import { type Instant, isWithdrawn, type LoggedEvent, type OutboxRow, type Store } from "@agent-control-plane/core";
import type { CliContext } from "../context.ts";
import { table } from "../output.ts";
import { whyHeldBack } from "./why-held-back.ts";
import { type Waits, waitsInWords, whyItWaits } from "./why-it-waits.ts";

export interface RowBrief {
  readonly id: number;
  readonly kind: OutboxRow["kind"];
  readonly state: OutboxRow["state"];
}

/** One write, whole: `acp outbox show`, and what `retry` and `drop` leave. */
export interface DescribedRow extends OutboxRow {
  readonly waits: Waits | null;
  readonly needs: RowBrief | null;
  readonly neededBy: readonly RowBrief[];
  /** Oldest first; what the event log says of this row. */
  readonly history: readonly {
    readonly at: Instant;
    readonly actor: string;
    readonly kind: string;
    readonly body: LoggedEvent["body"];
  }[];
}

export async function describeRow(store: Store, row: OutboxRow, now: Instant): Promise<DescribedRow> {
  const [[standing], paces, needed, inNeed, history] = await Promise.all([
    store.outbox.standing([row.id]),
    store.pace.waits(),
    row.needsId === null ? null : store.outbox.get(row.needsId),
    store.outbox.list({ needsId: row.id }),
    historyOf(store, row),
  ]);
  const pace = paces.find(({ profileId }) => profileId === row.profileId);
  return {
    ...row,
    waits: whyItWaits(row, { now, standing, pace }),
    needs: needed && brief(needed),
    neededBy: inNeed.map(brief),
    history,
  };
}

const brief = ({ id, kind, state }: OutboxRow): RowBrief => ({ id, kind, state });

/** Events of a row lie beside those of its work item. */
async function historyOf(store: Store, row: OutboxRow): Promise<DescribedRow["history"]> {
  const { profileId, stream } = row;
  const isOfItem = stream.startsWith(`${profileId}/`);
  const of = isOfItem ? { profileId, subject: stream.slice(profileId.length + 1) } : { profileId };
  const found: LoggedEvent[] = [];
  for (let afterSeq = 0; ; ) {
    const page = await store.events.list({ ...of, afterSeq });
    found.push(...page.filter((event) => isAbout(event, row.id)));
    const last = page.at(-1);
    if (last === undefined) break;
    afterSeq = last.seq;
  }
  return found.map(({ at, actor, kind, body }) => ({ at, actor, kind, body }));
}

const isAbout = ({ kind, body }: LoggedEvent, id: number): boolean =>
  kind.startsWith("outbox.") && body !== null && typeof body === "object" && "id" in body && body.id === id;

export function printRow({ output }: CliContext, row: DescribedRow): void {
  const { bold, dim, red } = output.style;
  output.print(bold(`${row.id}  ${row.kind}  ${row.stream}  ${isWithdrawn(row) ? "held back" : row.state}`));
  const facts: readonly (readonly [string, string])[] = [
    ["profile", row.profileId],
    ["wanted by", wantedBy(row)],
    ["key", row.idempotencyKey],
    ["waits", row.waits ? waitsInWords(row.waits) : ""],
    ["needs", row.needs ? told(row.needs) : ""],
    ["needed by", row.neededBy.map(told).join(", ")],
    ["tries", String(row.tries)],
    ["begun", row.state === "sent" || row.sendStartedAt === null ? "" : `${iso(row.sendStartedAt)}, may be there`],
    ["error", row.lastError === null || isWithdrawn(row) ? "" : red(row.lastError)],
    ["held back", isWithdrawn(row) ? whyHeldBack(row).holds : ""],
    ["result", row.result === null ? "" : JSON.stringify(row.result)],
  ];
  output.print(table(facts.filter(([, value]) => value !== "").map(([name, value]) => [`  ${name}`, value])));
  output.print(bold("body"));
  for (const [name, value] of Object.entries(row.body)) output.print(bodyLine(name, value));
  output.print(bold("history"));
  output.print(table(row.history.map(({ at, actor, kind, body }) => [`  ${iso(at)}`, kind, actor, noted(body)])));
  const next = nextStep(row);
  if (next !== null) output.print(dim(next));
}

const wantedBy = ({ taskId, term, sessionId }: OutboxRow): string =>
  [
    taskId === null ? "" : `task ${taskId}`,
    term === null ? "" : `term ${term}`,
    sessionId === null ? "" : `session ${sessionId}`,
  ]
    .filter((part) => part !== "")
    .join(", ");

const told = ({ id, kind, state }: RowBrief): string => `${id} ${kind} (${state})`;

/** Texts as people wrote them, each line set in. */
function bodyLine(name: string, value: unknown): string {
  if (typeof value !== "string") return `  ${name}: ${JSON.stringify(value)}`;
  if (!value.includes("\n")) return `  ${name}: ${value}`;
  return [`  ${name}:`, ...value.split("\n").map((line) => `    ${line}`)].join("\n");
}

/** What an event says beside which row it is about. */
function noted(body: LoggedEvent["body"]): string {
  const { id: _, kind: __, stream: ___, key: ____, ...rest } = (body ?? {}) as Record<string, unknown>;
  return Object.entries(rest)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name} ${name === "nextAt" ? iso(Number(value)) : plain(value)}`)
    .join("; ");
}

const plain = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
const iso = (at: Instant): string => new Date(at).toISOString();

function nextStep(row: DescribedRow): string | null {
  const { id, state, lastError, needs } = row;
  if (state === "pending") return `"acp outbox flush" sends what is due; "acp outbox drop ${id}" gives it up`;
  if (state !== "failed") return null;
  if (lastError === "needed-write-failed" && needs) {
    return `"acp outbox retry ${needs.id}" tries what it needs again, and then this one`;
  }
  if (isWithdrawn(row)) {
    const { holds, letsGo } = whyHeldBack(row);
    return `held back: ${holds}. It goes on by itself when ${letsGo}; "acp outbox drop ${id}" gives the work up for good`;
  }
  if (lastError?.startsWith("stale-term: ")) return `a later attempt has taken its place; "acp outbox drop ${id}"`;
  return `"acp outbox retry ${id}" tries it again; "acp outbox drop ${id}" gives it up`;
}
