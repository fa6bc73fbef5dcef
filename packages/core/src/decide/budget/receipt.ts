import type { JsonObject } from "../../domain/json.ts";
import type { NewOutboxRow } from "../../domain/outbox.ts";
import type { ItemSpend } from "../../domain/spend.ts";
import { code } from "../publish/inert-text.ts";
import { itemNumberOf, streamOf } from "../subjects.ts";
import { inDollars, inTokens } from "./amount-text.ts";
import type { BudgetVerdict } from "./judge-budget.ts";

type Held = Extract<BudgetVerdict, { kind: "hold" }>;

/** What is told of an item that has reached a limit; `key` stands for this limit since it was last raised. */
export interface Receipt {
  readonly key: string;
  /** What the log calls it; `budget.reached` when left out. */
  readonly event?: string;
  readonly body: JsonObject;
  readonly rows: readonly NewOutboxRow[];
}

/**
 * Pure. One comment for each time an item parks. A day that is spent is nobody's to answer: it ends by itself, so that
 * nothing is written for it.
 */
export function receiptOf(profileId: string, subject: string, held: Held, item: ItemSpend | undefined): Receipt | null {
  const number = itemNumberOf(subject);
  if (held.because === "day-budget-spent" || number === null || item === undefined) return null;
  const stream = streamOf(profileId, subject);
  const since = item.raise?.id ?? 0;
  const stoppedBy = held.scope === "turn" || held.scope === "run" ? `/${item.stop?.sessionId}` : "";
  const changedAt = held.scope === "breaker" ? `/${item.acceptedAt ?? 0}` : "";
  const key = `${stream}/budget/${held.scope}/${since}${stoppedBy}${changedAt}`;
  return {
    key,
    body: { reason: held.because, detail: held.detail, ...item.total, sessions: item.sessions },
    rows: [
      {
        profileId,
        kind: "comment",
        stream,
        idempotencyKey: key,
        body: { number, body: commentOf(number, held, item) },
      },
    ],
  };
}

function commentOf(number: number, { because, detail }: Held, item: ItemSpend): string {
  const { sessions, total, backend, model, unknownCost, raise } = item;
  return [
    because === "breaker-open" ? "# Parked: spending without a result" : "# Parked: budget spent",
    "",
    `- Reached: ${detail}`,
    `- Sessions: ${sessions}, the newest with ${code(model === null ? backend : `${backend} ${model}`)}`,
    `- Spent in all: ${inTokens(total.tokens)}, ${moneyOf(total.usd, sessions, unknownCost)}`,
    ...(raise ? [`- Last raised: ${new Date(raise.at).toISOString()}`] : []),
    "",
    `Nothing more is started for it. To let it go on, somebody at the agents' host runs ${code(`acp budget raise ${number}`)}, or with ${code("--usd")} or ${code("--tokens")} for another amount than the profile's.`,
  ].join("\n");
}

/** Of some sessions it may not be known: then the sum is the least that it can be. */
export function moneyOf(usd: number, sessions: number, unknownCost: number): string {
  if (unknownCost === 0) return inDollars(usd);
  if (unknownCost >= sessions) return "cost unknown";
  return `${inDollars(usd)} and the unknown cost of ${unknownCost} session${unknownCost === 1 ? "" : "s"}`;
}
