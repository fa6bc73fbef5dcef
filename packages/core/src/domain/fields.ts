/** Pure. What a JSON value from outside holds, when it is an object; nothing is known of the types in it. */
export interface Fields {
  readonly [key: string]: unknown;
}

/** The fields of an object; none of anything else. */
export const fieldsOf = (value: unknown): Fields =>
  value !== null && typeof value === "object" && !Array.isArray(value) ? (value as Fields) : {};
