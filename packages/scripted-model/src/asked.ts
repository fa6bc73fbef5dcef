/** A request for an answer, whichever API it came by. */
export interface Asked {
  readonly model: string;
  readonly tools: readonly OfferedTool[];
  /** What the tools said, in order, of the whole conversation. */
  readonly toolResults: readonly string[];
  readonly streams: boolean;
  /** Every text of the conversation, instructions and tool results too. */
  readonly text: string;
}

export interface OfferedTool {
  readonly name: string;
  /** JSON Schema of its arguments. */
  readonly schema: Fields;
  /** It takes a program in JavaScript instead, in which `tools.exec_command` runs a command. */
  readonly takesScript?: boolean;
}

export type Fields = { readonly [key: string]: unknown };

export function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function textOr(value: unknown, otherwise: string): string {
  return typeof value === "string" ? value : otherwise;
}

/** All strings below a value, one a line. */
export function textsBelow(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null) return "";
  return Object.values(value)
    .map(textsBelow)
    .filter((text) => text !== "")
    .join("\n");
}
