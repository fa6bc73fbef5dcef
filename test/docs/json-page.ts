/** One row of a table of fields: `sessions[].id`, and the type in words. */
interface Row {
  readonly field: string;
  readonly type: string;
}

/** Fields of a real document that the section of the page does not name. */
export function undocumented(page: string, heading: string, document: unknown): readonly string[] {
  const rows = rowsOf(page, heading);
  const isNamed = (path: string) => rows.some((row) => matches(row, path));
  return [...new Set(pathsOf(document))].filter((path) => !isNamed(path));
}

/** Fields at the top of the section that a real document does not have, apart from those that are there only sometimes. */
export function unseen(page: string, heading: string, document: unknown): readonly string[] {
  const top = Object.keys(document as object);
  const wanted = rowsOf(page, heading).map(({ field }) => /^[^.[]+/.exec(field)?.[0] ?? field);
  const sometimes = new Set(
    [...sectionOf(page, heading).matchAll(/^\| `([^`]+)` *\|[^|]*\| *only /gm)].map(([, field]) => field),
  );
  return [...new Set(wanted)].filter(
    (field) => !field.startsWith("<") && !sometimes.has(field) && !top.includes(field),
  );
}

/** The rows of a section, with objects named as types written out. */
function rowsOf(page: string, heading: string): readonly Row[] {
  const section = sectionOf(page, heading);
  const whole = /\bOne ([A-Z]\w+)[.,]/.exec(section)?.[1];
  const own = [...section.matchAll(/^\| `([^`]+)` *\| *([^|]*?) *\|/gm)].map(([, field = "", type = ""]) => ({
    field,
    type,
  }));
  return [...(whole ? rowsOf(page, whole) : []), ...own.flatMap((row) => expanded(page, row))];
}

function expanded(page: string, { field, type }: Row): readonly Row[] {
  const [, list, object] = /^(list of )?([A-Z][a-z]\w+)\b/.exec(type) ?? [];
  if (object === undefined) return [{ field, type }];
  const prefix = list ? `${field}[]` : field;
  return rowsOf(page, object).map((row) => ({ ...row, field: `${prefix}.${row.field}` }));
}

function sectionOf(page: string, heading: string): string {
  const sections = page.split(/\n(?=#{2,3} )/);
  const found = sections.find((text) => text.startsWith(`### \`${heading}\`\n`) || text.startsWith(`### ${heading}\n`));
  if (found === undefined) throw new Error(`docs/json-output.md has no section "${heading}"`);
  return found;
}

/** `a.b[].c` for every leaf; an empty list or object and null are leaves of their own. */
function pathsOf(value: unknown, path = ""): readonly string[] {
  if (Array.isArray(value)) return value.length === 0 ? [path] : value.flatMap((each) => pathsOf(each, `${path}[]`));
  if (typeof value !== "object" || value === null) return [path];
  const entries = Object.entries(value);
  if (entries.length === 0 && path !== "") return [path];
  return entries.flatMap(([key, child]) => pathsOf(child, path === "" ? key : `${path}.${key}`));
}

/** `<x>` stands for any key; below JSON anything goes; an empty list or object, or null, matches the start of a field. */
function matches({ field, type }: Row, path: string): boolean {
  if (type.startsWith("JSON") && new RegExp(`^${patternOf(field)}[.[]`).test(path)) return true;
  const steps = field.split(/(?=\.|\[)/);
  const starts = steps.map((_, index) => steps.slice(0, index + 1).join(""));
  return starts.some((start) => new RegExp(`^${patternOf(start)}(\\[\\])?$`).test(path));
}

const patternOf = (field: string): string => field.replace(/[.[\]]/g, "\\$&").replace(/<[^>]+>/g, "[^.]+");
