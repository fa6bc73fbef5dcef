import type { Json } from "../domain/json.ts";

/** Every secret this process has read. What leaves the process for a person or a log goes through `redact` first. */
const known = new Set<string>();

/** Too short to be a secret, and would blacken ordinary words. */
const SHORTEST = 6;

export function rememberSecret(value: string): void {
  if (value.length < SHORTEST) return;
  sorted = null;
  known.add(value);
  known.add(JSON.stringify(value).slice(1, -1));
  known.add(encodeURIComponent(value));
  known.add(Buffer.from(value).toString("base64"));
  known.add(Buffer.from(`x-access-token:${value}`).toString("base64"));
}

/** Of several lines, for example a private key: what is printed comes line by line. */
export function rememberSecretLines(value: string): void {
  rememberSecret(value);
  if (value.includes("\n"))
    for (const line of value.split("\n")) if (line.trim().length >= 16) rememberSecret(line.trim());
}

/** Longest first, so that a secret which holds another one goes as a whole. */
export function secretValues(): readonly string[] {
  sorted ??= [...known].sort((a, b) => b.length - a.length);
  return sorted;
}

let sorted: readonly string[] | null = null;

/**
 * Pure. Of the variables that are passed on, those whose values nobody may see: by their names, because a backend's
 * settings call them its key, or because they look like nothing but a key.
 */
export function secretVariables(
  env: { readonly [name: string]: string | undefined },
  passed: readonly string[],
  keyNames: readonly string[] = [],
): readonly string[] {
  return passed.filter((name) => {
    const value = env[name] ?? "";
    if (value.length < SHORTEST || isCount(name, value)) return false;
    return saysSecret.test(name) || keyNames.includes(name) || looksLikeKey(value);
  });
}

const saysSecret = /(^|_)(API_?KEY|KEY|TOKENS?|SECRETS?|PASSWORD|PASSWD|PASSPHRASE|CREDENTIALS?|AUTH|PAT)(_|$)/i;

/** How many tokens a model may write is none of the tokens that nobody may see; blackened, it would spoil every number. */
export const isCount = (name: string, value: string): boolean => /TOKENS$/i.test(name) && /^\d+$/.test(value);

/** One long word of letters and digits; not a path, an address or a sentence. */
const looksLikeKey = (value: string): boolean =>
  /^[\w.~+=-]{20,}$/.test(value) && /\d/.test(value) && /[a-z]/i.test(value);

/** The text with every known secret, also in the encodings it travels in, replaced by `[secret]`. */
export function redact(text: string): string {
  return secretValues().reduce((soFar, secret) => soFar.replaceAll(secret, "[secret]"), text);
}

/** The same of a JSON text, which stays one whatever the secrets are: a password may be a number, or a word of its format. */
export function redactedJson(value: unknown, space?: number): string {
  const text = JSON.stringify(value, (_, each) => (typeof each === "string" ? redact(each) : each), space);
  const all = redact(text);
  return all !== text && isJson(all) ? all : text;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * The same, and what has the shape of a well-known token is `[secret]`, too: for everything that is kept, in the store,
 * in a run folder or in a log, whoever said it. What a person asked to see passes `redact` alone.
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

/** The same of a text that may be JSON, which stays JSON then; byte for byte the same where there is nothing to hide. */
export function textWithoutTokens(text: string): string {
  const clean = withoutTokens(text);
  if (clean === text) return text;
  try {
    return JSON.stringify(jsonWithoutTokens(JSON.parse(text)));
  } catch {
    return clean;
  }
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
