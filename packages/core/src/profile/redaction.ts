/** Every secret this process has read. What leaves the process for a person or a log goes through `redact` first. */
const known = new Set<string>();

/** Too short to be a secret, and would blacken ordinary words. */
const SHORTEST = 6;

export function rememberSecret(value: string): void {
  if (value.length < SHORTEST) return;
  known.add(value);
  known.add(JSON.stringify(value).slice(1, -1));
  known.add(encodeURIComponent(value));
  known.add(Buffer.from(value).toString("base64"));
  known.add(Buffer.from(`x-access-token:${value}`).toString("base64"));
}

/** Longest first, so that a secret which holds another one goes as a whole. */
export function secretValues(): readonly string[] {
  return [...known].sort((a, b) => b.length - a.length);
}

/** The text with every known secret, also in the encodings it travels in, replaced by `[secret]`. */
export function redact(text: string): string {
  return secretValues().reduce((soFar, secret) => soFar.replaceAll(secret, "[secret]"), text);
}
