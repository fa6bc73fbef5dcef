import { readdirSync } from "node:fs";
import type { BackendRow } from "./row.ts";

export * from "./row.ts";

/** Every file here but these two is a row: a new backend joins the table with one file, `<its name>.ts`, that exports `row`. */
export async function readRows(only?: readonly string[]): Promise<readonly BackendRow[]> {
  const names = readdirSync(import.meta.dirname).map((file) => file.replace(/\.ts$/, ""));
  const wanted = names.filter((name) => !["index", "row"].includes(name) && (only?.includes(name) ?? true));
  return Promise.all(wanted.sort().map(async (name) => (await import(`./${name}.ts`)).row as BackendRow));
}
