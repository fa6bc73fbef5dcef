import { type Amount, inDollars, inTokens, type SpendLimit } from "@agent-control-plane/core";

export interface Counted {
  readonly spent: Amount;
  readonly limit: SpendLimit;
}

/** `$1.20 of $10.00, 400 tokens of 1M tokens`; limits that are off are not named. */
export function countedInWords({ spent, limit }: Counted): string {
  const parts = [
    ...(limit.usd === null ? [] : [`${inDollars(spent.usd)} of ${inDollars(limit.usd)}`]),
    ...(limit.tokens === null ? [] : [`${inTokens(spent.tokens)} of ${inTokens(limit.tokens)}`]),
  ];
  return parts.length === 0 ? `${inTokens(spent.tokens)}, ${inDollars(spent.usd)}; no limit` : parts.join(", ");
}
