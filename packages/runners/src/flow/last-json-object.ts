import type { Json } from "@agent-control-plane/core";

/** Openings that are tried: a message of braces alone must not take for ever. */
const mostTries = 200;

/**
 * Pure. The JSON object that a text ends with, with or without a fence of backticks around it; null: it ends with none.
 * Of nested ones the outermost.
 */
export function lastJsonObject(text: string): Json | null {
  const end = text.trimEnd().replace(/\s*```$/, "");
  if (!end.endsWith("}")) return null;
  let found: Json | null = null;
  let tries = 0;
  for (let at = end.lastIndexOf("{"); at >= 0 && tries < mostTries; at = at === 0 ? -1 : end.lastIndexOf("{", at - 1)) {
    tries += 1;
    try {
      found = JSON.parse(end.slice(at)) as Json;
    } catch {
      // It begins further left, or is none.
    }
  }
  return found;
}
