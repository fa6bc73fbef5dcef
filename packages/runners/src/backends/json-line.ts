/** The fields of a JSON object from outside: nothing is known about them. */
export type Fields = { readonly [key: string]: unknown };

/** One line of an event stream; null for anything that is not a JSON object (warnings, cut lines, noise). */
export function parseJsonLine(line: string): Fields | null {
  if (!line.trimStart().startsWith("{")) return null;
  try {
    return asObject(JSON.parse(line));
  } catch {
    return null;
  }
}

export function asObject(value: unknown): Fields | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : null;
}

export function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function asText(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

export function asNumber(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}
