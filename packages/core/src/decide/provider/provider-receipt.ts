import type { Quota } from "../../domain/provider.ts";
import type { Receipt } from "../budget/receipt.ts";
import { code } from "../publish/inert-text.ts";
import { itemNumberOf, streamOf } from "../subjects.ts";
import { fixOf, meaningOf } from "./lasting-limit.ts";
import { limitedText } from "./quota-covers.ts";

/** An item that nobody may serve before a person mends one of these limits. */
export interface HeldByProviders {
  readonly subject: string;
  readonly limits: readonly Quota[];
}

export interface ProviderReceipt {
  readonly subject: string;
  readonly receipt: Receipt;
}

/**
 * Pure. One comment for each limit that a person has to mend, on the first item of the profile that it holds, however
 * many wait: the others name it in their holds. `told`: what was said before; a limit that was over and is met again is
 * another one.
 */
export function receiptsOfProviders(
  profileId: string,
  held: readonly HeldByProviders[],
  told: ReadonlySet<string>,
): readonly ProviderReceipt[] {
  const items = held.filter(({ subject }) => itemNumberOf(subject) !== null);
  const limits = new Map(
    items.flatMap(({ limits }) => limits.map((limit) => [keyOf(profileId, limit), limit] as const)),
  );
  return [...limits].flatMap(([key, limit]) => {
    const waiting = items.filter((each) => each.limits.some(({ scope }) => scope === limit.scope));
    const [first] = waiting;
    if (!first || told.has(key)) return [];
    return [{ subject: first.subject, receipt: receiptOf(profileId, first.subject, key, limit, waiting.length) }];
  });
}

const keyOf = (profileId: string, { scope, metAt }: Quota): string => `${profileId}/provider/${scope}/${metAt}`;

function receiptOf(profileId: string, subject: string, key: string, limit: Quota, waiting: number): Receipt {
  const { scope, reason, resetAt, hits } = limit;
  const body = commentOf(limit, waiting);
  return {
    key,
    event: "provider.needs-person",
    body: { scope, reason, resetAt, hits, waiting },
    rows: [
      {
        ...{ profileId, kind: "comment", stream: streamOf(profileId, subject), idempotencyKey: key },
        body: { number: itemNumberOf(subject) ?? 0, body },
      },
    ],
  };
}

function commentOf(limit: Quota, waiting: number): string {
  const others = waiting - 1;
  return [
    "# Waiting for a person: the provider refuses",
    "",
    `- Provider: ${code(limitedText(limit))}`,
    `- Refused since: ${new Date(limit.metAt || limit.seenAt).toISOString()}, as ${code(limit.reason)}: ${meaningOf(limit)}`,
    ...(others > 0 ? [`- Waiting with this: ${others} other item${others === 1 ? "" : "s"} of this repository`] : []),
    `- To do, at the agents' host: ${fixOf(limit)}`,
    "",
    "It is tried again by itself, too, at the latest every hour; no attempt is used up. This is said once, here, for all that waits.",
  ].join("\n");
}
