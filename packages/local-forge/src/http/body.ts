import { invalid, Refusal } from "./refusal.ts";

/** Reads the fields of a JSON body; each wrong one is a 422 that names it. */
export interface BodyReader {
  has(field: string): boolean;
  text(field: string): string | null;
  requiredText(field: string): string;
  flag(field: string): boolean;
  oneOf<T extends string>(field: string, allowed: readonly T[]): T | null;
  texts(field: string): string[] | null;
}

export function readBody(body: unknown, resource: string): BodyReader {
  if (body === undefined) return readBody({}, resource);
  if (body === null || typeof body !== "object" || Array.isArray(body)) {
    throw new Refusal(400, "Body should be a JSON object");
  }
  const fields = body as Record<string, unknown>;
  const wrong = (field: string, expected: string) =>
    invalid({ resource, field, code: "invalid", message: `${field} must be ${expected}` });
  const text = (field: string): string | null => {
    const value = fields[field];
    if (value === undefined || value === null) return null;
    if (typeof value === "string") return value;
    if (typeof value === "number") return String(value);
    throw wrong(field, "a string");
  };
  return {
    has: (field) => fields[field] !== undefined,
    text,
    requiredText: (field) => {
      const value = text(field);
      if (value === null || value.trim() === "") throw invalid({ resource, field, code: "missing_field" });
      return value;
    },
    flag: (field) => {
      const value = fields[field] ?? false;
      if (typeof value !== "boolean") throw wrong(field, "true or false");
      return value;
    },
    oneOf: (field, allowed) => {
      const value = text(field);
      if (value === null) return null;
      const found = allowed.find((one) => one === value);
      if (found === undefined) throw wrong(field, `one of ${allowed.join(", ")}`);
      return found;
    },
    texts: (field) => {
      const value = fields[field];
      if (value === undefined || value === null) return null;
      if (!Array.isArray(value)) throw wrong(field, "a list");
      return value.map((entry) => {
        const name = typeof entry === "string" ? entry : (entry as { name?: unknown } | null)?.name;
        if (typeof name !== "string" || name === "") throw wrong(field, "a list of names");
        return name;
      });
    },
  };
}
