/** GitHub's instants: ISO, whole seconds. */
export function isoTime(at: number): string;
export function isoTime(at: number | null): string | null;
export function isoTime(at: number | null): string | null {
  return at === null ? null : `${new Date(at).toISOString().slice(0, 19)}Z`;
}

/** Opaque, stable, and different for different kinds of things. */
export function nodeId(kind: string, id: number | string): string {
  return Buffer.from(`${kind}:${id}`).toString("base64url");
}

/** A ref or label as one part of an address. */
export function part(text: string): string {
  return encodeURIComponent(text);
}
