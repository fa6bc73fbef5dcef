import { type Fields, fieldsOf, listOf } from "../asked.ts";

export type Meant = { readonly command: string } | { readonly path: string; readonly content: string };

/** Pure. Arguments that a tool's JSON Schema takes: what is meant under the schema's own names, and what else it requires. */
export function fillSchema(schema: Fields, meant: Meant): Record<string, unknown> {
  const properties = Object.entries(fieldsOf(schema.properties));
  const required = listOf(schema.required);
  const args: Record<string, unknown> = {};
  for (const [meaning, value] of Object.entries(meant)) {
    const known = names[meaning as keyof typeof names];
    const property = known.find((name) => properties.some(([each]) => each === name)) ?? known[0] ?? meaning;
    const takesList = typeOf(fieldsOf(fieldsOf(schema.properties)[property])) === "array";
    args[property] = takesList ? ["/bin/sh", "-c", value] : value;
  }
  for (const [name, property] of properties) {
    if (required.includes(name) && !(name in args)) args[name] = anyValue(name, fieldsOf(property));
  }
  return args;
}

const names = {
  command: ["command", "cmd", "script", "commandLine", "input"],
  path: ["path", "file_path", "filePath", "filename", "file"],
  content: ["content", "contents", "text", "file_text"],
} as const;

function anyValue(name: string, property: Fields): unknown {
  const [choice] = listOf(property.enum);
  if (choice !== undefined) return choice;
  switch (typeOf(property)) {
    case "string":
      return /dir|cwd|path|folder/i.test(name) ? "." : "Do the work";
    case "number":
    case "integer":
      return typeof property.minimum === "number" ? property.minimum : 1;
    case "boolean":
      return false;
    case "array":
      return [];
    default:
      return {};
  }
}

/** Some vendors write types in capitals, and some schemas have several. */
function typeOf(property: Fields): string {
  const type = Array.isArray(property.type) ? property.type[0] : property.type;
  return typeof type === "string" ? type.toLowerCase() : "string";
}
