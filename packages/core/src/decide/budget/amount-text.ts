/** `$1.50`; of less than a cent as many digits as it takes. */
export function inDollars(usd: number): string {
  if (usd === 0 || usd >= 0.01) return `$${usd.toFixed(2)}`;
  return `$${usd.toPrecision(1)}`;
}

/** `950 tokens`, `12,300 tokens`, `1.2M tokens`. */
export function inTokens(tokens: number): string {
  return `${countWords(tokens)} tokens`;
}

function countWords(count: number): string {
  if (count >= 1e9) return `${shortened(count / 1e9)}G`;
  if (count >= 1e6) return `${shortened(count / 1e6)}M`;
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

const shortened = (count: number): string => String(Math.round(count * 100) / 100);
