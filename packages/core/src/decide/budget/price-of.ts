import type { Usage } from "../../domain/session.ts";
import type { PriceTable, TokenPrice } from "../../domain/spend.ts";

/** Pure. The price of a model: of the first pattern that fits its name, whatever the case. Null: none is known. */
export function priceOf(prices: PriceTable, model: string | null): TokenPrice | null {
  if (model === null) return null;
  return prices.find((each) => fits(each.model.toLowerCase(), model.toLowerCase()))?.price ?? null;
}

/** What these tokens cost, in US dollars. */
export function costOf({ inputTokens = 0, cachedInputTokens = 0, outputTokens = 0 }: Usage, price: TokenPrice): number {
  const { input, cachedInput, output } = price;
  return (inputTokens * input + cachedInputTokens * cachedInput + outputTokens * output) / 1e6;
}

/** `*` stands for any characters, slashes too: the names of models have them. */
function fits(pattern: string, name: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  const last = rest.pop();
  if (last === undefined) return pattern === name;
  if (!name.startsWith(first)) return false;
  let from = first.length;
  for (const part of rest) {
    const at = name.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return name.length - last.length >= from && name.endsWith(last);
}
