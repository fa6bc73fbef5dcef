import { readdirSync } from "node:fs";
import type { BackendRow } from "./row.ts";

export * from "./row.ts";

/** Every file here but these two is a row: a new backend joins the table with one file that exports `row`. */
export async function readRows(): Promise<readonly BackendRow[]> {
  const files = readdirSync(import.meta.dirname).filter((name) => !["index.ts", "row.ts"].includes(name));
  return Promise.all(files.sort().map(async (name) => (await import(`./${name}`)).row as BackendRow));
}
