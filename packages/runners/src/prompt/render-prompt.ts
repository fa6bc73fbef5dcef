import { fenced, readableText, UserError } from "@agent-control-plane/core";

/** A value of a template: ours, put in as it is, or text from outside, fenced as data. */
export type PromptValue =
  | { readonly trusted: string }
  | { readonly untrusted: string; readonly from: string; readonly maxLength?: number };

export interface RenderRequest {
  /** Names the template in errors. */
  readonly templateName: string;
  readonly template: string;
  readonly values: Readonly<Record<string, PromptValue>>;
  /** Unpredictable text, new for each rendering; part of the fences. */
  readonly nonce: string;
}

/**
 * Pure. Replaces each `{NAME}` once, in one pass: what a value holds is never looked at again, so a placeholder in an
 * issue's text stays text. Text from outside stands between two lines that it cannot contain. Throws `UserError` for a
 * placeholder that has no value, naming the template and the placeholder.
 */
export function renderPrompt(request: RenderRequest): string {
  const { templateName, template, values } = request;
  const unknown = placeholdersOf(template).filter((name) => !Object.hasOwn(values, name));
  if (unknown.length > 0) {
    const known = Object.keys(values).sort().join(", ");
    const found = unknown.map((name) => `{${name}}`).join(", ");
    throw new UserError(
      `Template "${templateName}" has placeholders that nothing fills: ${found}. Known ones: ${known}. ` +
        "Braces that are meant as they stand: write {{ for {.",
    );
  }
  return template.replace(placeholder, (whole, name: string | undefined) =>
    name === undefined ? "{" : written(values[name] as PromptValue, request.nonce, whole),
  );
}

/** Names that a template asks for, each once. */
export function placeholdersOf(template: string): readonly string[] {
  const names = [...template.matchAll(placeholder)].map((match) => match[1]).filter((name) => name !== undefined);
  return [...new Set(names)];
}

/** `{{` is a brace; `{NAME}` a placeholder; other braces (code, JSON) are text. */
const placeholder = /\{\{|\{([A-Z][A-Z0-9_]*)\}/g;

function written(value: PromptValue, nonce: string, name: string): string {
  if ("trusted" in value) return value.trusted;
  const text = readableText(value.untrusted, value.maxLength ?? 60_000);
  return fenced(text, `${value.from} (${name.slice(1, -1)})`, nonce);
}
