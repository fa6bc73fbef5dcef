import type { Json } from "../domain/json.ts";
import { redact } from "../profile/redaction.ts";

/**
 * What an agent said last is saved with its session, its task and in the event log, by a wrapper too, which has no
 * scanner: every secret the process knows, and what has the shape of a well-known token, is `[secret]` there.
 */
export function withoutTokens(text: string): string {
  return shapes.reduce((soFar, shape) => soFar.replaceAll(shape, "[secret]"), redact(text));
}

/** The same of every text in it; names stay. */
export function jsonWithoutTokens(value: Json): Json {
  if (typeof value === "string") return withoutTokens(value);
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map((each) => jsonWithoutTokens(each as Json));
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, jsonWithoutTokens(each as Json)]));
}

/** Open at the end, as a summary may have been cut within a token. */
const shapes: readonly RegExp[] = [
  /\b(?:gh[pousr]_|github_pat_)[0-9A-Za-z_]{8,}/g,
  /\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b/g,
  /\bAIza[0-9A-Za-z_-]{20,}/g,
  /\b[rs]k_(?:live|test)_[0-9A-Za-z]{8,}/g,
  /\bsk-[0-9A-Za-z_-]{16,}/g,
  /\bglpat-[0-9A-Za-z_-]{8,}/g,
  /\bxox[abeprs]-[0-9A-Za-z-]{8,}/g,
  /\bnpm_[0-9A-Za-z]{16,}/g,
  /\beyJ[0-9A-Za-z_-]{8,}\.eyJ[0-9A-Za-z_-]{8,}(?:\.[0-9A-Za-z_-]*)?/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /(?<=\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]{0,100}:)[^\s/@]+(?=@)/g,
];
