import type { SessionSpend } from "@agent-control-plane/core";

/** Pure. Tokens of every kind together. */
export const tokensIn = ({ inputTokens = 0, cachedInputTokens = 0, outputTokens = 0 }: SessionSpend["usage"]): number =>
  inputTokens + cachedInputTokens + outputTokens;
