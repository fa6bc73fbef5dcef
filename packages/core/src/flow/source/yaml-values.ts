import { type Marks, setOwn } from "./marks.ts";
import type { Line } from "./read-plain-yaml.ts";

/** Thrown for whatever the plain reader leaves to the YAML library. */
export const NotPlain = new Error("not plain YAML");

const maxDepth = 40;

/** An unquoted text, number or word on one line. */
export function readPlainScalar(text: string, at: number, end: number): unknown {
  const comment = text.slice(at, end).search(/ #/);
  const plain = (comment === -1 ? text.slice(at, end) : text.slice(at, at + comment)).trimEnd();
  if (!plainStart.test(plain) || /:(?: |$)/.test(plain)) throw NotPlain;
  return meaningOf(plain);
}

/** Begins like a number, or like null, true or false. */
const hasOtherMeaning = /^[-+.0-9~nNtTfF]/;
const plainStart = /^(?:[A-Za-z0-9_./$(=+^;<\\~]|-[^ ])/;

function meaningOf(plain: string): unknown {
  if (!hasOtherMeaning.test(plain)) return plain;
  if (/^(?:~|null|Null|NULL)$/.test(plain)) return null;
  if (/^(?:true|True|TRUE)$/.test(plain)) return true;
  if (/^(?:false|False|FALSE)$/.test(plain)) return false;
  if (/^-?(?:0|[1-9][0-9]{0,14})$/.test(plain) && plain !== "-0") return Number(plain);
  if (/^(?:0|[1-9][0-9]{0,9})\.[0-9]{1,5}$/.test(plain)) return Number(plain);
  // Looks like one of the other ways of writing numbers.
  if (/^[-+.]?[0-9.][-+.0-9a-fA-FxXoO_]*$|^[-+]?\.(?:inf|nan)$/i.test(plain)) throw NotPlain;
  return plain;
}

/** Quoted text, or a list or section in brackets, over several lines if it is further in than its parent. */
export function readFlow(
  text: string,
  start: number,
  indent: number,
  depth: number,
  marks: Marks | null,
): { readonly value: unknown; readonly end: number } {
  let at = start;
  const value = one(depth);
  return { value, end: at };

  function one(deep: number): unknown {
    if (deep > maxDepth) throw NotPlain;
    const first = text[at];
    if (first === "[") return list(deep);
    if (first === "{") return section(deep);
    if (first === '"' || first === "'") return quoted();
    flowPlain.lastIndex = at;
    const plain = flowPlain.exec(text)?.[0].trimEnd() ?? "";
    if (!plainStart.test(plain) || /:(?: |$)| #/.test(plain)) throw NotPlain;
    at += plain.length;
    return meaningOf(plain);
  }

  function list(deep: number): unknown[] {
    const entries: unknown[] = [];
    at += 1;
    for (skip(); text[at] !== "]"; skip()) {
      marks?.note(entries, entries.length, at, at);
      entries.push(one(deep + 1));
      comma("]");
    }
    at += 1;
    return entries;
  }

  function section(deep: number): Record<string, unknown> {
    const entries: Record<string, unknown> = {};
    at += 1;
    for (skip(); text[at] !== "}"; skip()) {
      const keyAt = at;
      const key = keyOf();
      if (Object.hasOwn(entries, key)) throw NotPlain;
      skip();
      const valueAt = at;
      setOwn(entries, key, one(deep + 1));
      marks?.note(entries, key, keyAt, valueAt);
      comma("}");
    }
    at += 1;
    return entries;
  }

  function keyOf(): string {
    if (text[at] === '"' || text[at] === "'") {
      const key = quoted();
      if (text[at] !== ":" || key === "__proto__" || key === "") throw NotPlain;
      at += 1;
      return key;
    }
    flowKey.lastIndex = at;
    const key = flowKey.exec(text)?.[1];
    if (key === undefined || /^(?:null|true|false|__proto__)$/i.test(key)) throw NotPlain;
    at += key.length + 1;
    return key;
  }

  function quoted(): string {
    const quote = text[at] as string;
    const from = at;
    for (at += 1; ; at += 1) {
      const char = text[at];
      if (char === undefined || char === "\n") throw NotPlain;
      if (char === "\\" && quote === '"') at += 1;
      else if (char === quote && quote === "'" && text[at + 1] === "'") at += 1;
      else if (char === quote) break;
    }
    at += 1;
    if (quote === "'") return text.slice(from + 1, at - 1).replaceAll("''", "'");
    const inner = text.slice(from + 1, at - 1);
    if (!inner.includes("\\")) return inner;
    try {
      return JSON.parse(text.slice(from, at)) as string;
    } catch {
      throw NotPlain;
    }
  }

  function comma(close: string): void {
    skip();
    if (text[at] === ",") at += 1;
    else if (text[at] !== close) throw NotPlain;
  }

  function skip(): void {
    for (;;) {
      const char = text[at];
      if (char === " ") at += 1;
      else if (char === "\n") {
        at += 1;
        let spaces = 0;
        while (text[at + spaces] === " ") spaces += 1;
        if (spaces <= indent) throw NotPlain;
        at += spaces;
      } else if (char === undefined || char === "#") throw NotPlain;
      else return;
    }
  }
}

const flowPlain = /[^,[\]{}\n"'#]+/y;
const flowKey = /([A-Za-z_][A-Za-z0-9_.-]*):(?=[ \n])/y;

/** A text of several lines after `|` or `>`, as they stand or folded. */
export function readBlockScalar(
  text: string,
  lines: readonly Line[],
  index: number,
  at: number,
  parentIndent: number,
): { readonly value: string; readonly next: number } {
  const header = lines[index] as Line;
  const [, style, chomp] = /^([|>])(-?)(?: *| +#.*)$/.exec(text.slice(at, header.end)) ?? [];
  if (style === undefined) throw NotPlain;
  let first = index + 1;
  while (lines[first]?.kind === "blank") first += 1;
  const indent = lines[first]?.indent ?? 0;
  if (indent <= parentIndent) throw NotPlain;
  const body: string[] = [];
  let next = index + 1;
  for (; next < lines.length; next += 1) {
    const line = lines[next] as Line;
    if (line.kind !== "blank" && line.indent < indent) break;
    if (line.kind === "blank" && line.end > line.start) throw NotPlain;
    body.push(text.slice(line.start + indent, line.end));
  }
  const after = lines[next];
  if (after === undefined ? !text.endsWith("\n") : after.indent > parentIndent) throw NotPlain;
  while (body.at(-1) === "") body.pop();
  const whole = style === "|" ? body.join("\n") : folded(body);
  return { value: chomp === "-" ? whole : `${whole}\n`, next };
}

/** Lines of a paragraph become one; empty lines between paragraphs stay. */
function folded(body: readonly string[]): string {
  let whole = "";
  let empty = 0;
  for (const [index, line] of body.entries()) {
    if (line.startsWith(" ") || line.endsWith(" ")) throw NotPlain;
    if (line === "") {
      empty += 1;
      continue;
    }
    const isFirst = index === empty && whole === "";
    whole += isFirst ? "\n".repeat(empty) : empty > 0 ? "\n".repeat(empty) : " ";
    whole += line;
    empty = 0;
  }
  return whole;
}
