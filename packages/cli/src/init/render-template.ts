/** A text that is ready for its place in a template; made by `yamlValue` or `verbatim`, so that quoting is never forgotten. */
export interface Rendered {
  readonly text: string;
}

/** A YAML scalar in double quotes, which is what JSON's are; nothing for null, which means the default. */
export const yamlValue = (value: string | null): Rendered => ({ text: value === null ? "" : JSON.stringify(value) });

/** A text that fits as it is. */
export const verbatim = (text: string): Rendered => ({ text });

/**
 * Fills `{{name}}`, or `"{{name}}"` with its quotes (so that a YAML template is YAML itself), in one pass: a value that looks like a placeholder stays what it is. Throws on a name without a value.
 */
export function renderTemplate(template: string, values: Readonly<Record<string, Rendered>>): string {
  const filled = template.replace(/("?)\{\{([a-z_]+)\}\}\1/g, (_match, _quote, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) throw new Error(`The template asks for {{${name}}}, which init does not know.`);
    return value.text;
  });
  return filled.replace(/ +$/gm, "");
}
