/** A document as rows of a dotted name and a text: instants as dates, nothing as "-", lists as JSON. Pure. */
export function fieldsInWords(document: object, prefix = ""): readonly (readonly string[])[] {
  return Object.entries(document).flatMap(([key, value]: [string, unknown]) => {
    const name = `${prefix}${key}`;
    if (isRecord(value)) return Object.keys(value).length === 0 ? [[name, "-"]] : fieldsInWords(value, `${name}.`);
    return [[name, inWords(key, value)]];
  });
}

const isRecord = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function inWords(key: string, value: unknown): string {
  if (value === null || value === undefined || value === "") return "-";
  if (typeof value === "number" && key.endsWith("At")) return new Date(value).toISOString();
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
