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
