import type { Reader } from "./form.ts";
import { planSection } from "./plan-form.ts";

/** Every key that a plan may have, as `tasks[].retry.count`; the page that explains them is held against it. */
export function planKeys(): readonly string[] {
  return [...new Set(keysOf(planSection, ""))];
}

function keysOf(reader: Reader<unknown>, path: string): readonly string[] {
  const { fields, parts } = reader;
  if (fields !== undefined) {
    const prefix = path === "" ? "" : `${path}.`;
    return Object.entries(fields).flatMap(([key, each]) => [`${prefix}${key}`, ...keysOf(each, `${prefix}${key}`)]);
  }
  const isList = parts?.length === 1;
  return (parts ?? []).flatMap((each) => keysOf(each, isList ? `${path}[]` : path));
}
