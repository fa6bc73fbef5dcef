import { type Store, storePath, storeProblems } from "@agent-control-plane/core";
import type { CliContext } from "../context.ts";
import { table } from "../output.ts";
import { readableBytes } from "./readable-bytes.ts";
import { withStoreToRead } from "./with-store.ts";

/** Prints what is wrong with the store, or that nothing is. Exit code 1 when something is. */
export async function checkStore(context: CliContext, options: { readonly json?: boolean }): Promise<void> {
  const file = storePath(context.home);
  if (!options.json) context.output.note(`checking ${file}; a log of months takes some seconds`);
  const checked = await withStoreToRead(context.home, null, look);
  if (checked === null) {
    if (options.json) return context.output.json({ file, problems: [], rows: {}, bytes: 0 });
    return context.output.print("nothing has happened yet: there is no store");
  }
  const { problems, rows, bytes } = checked;
  if (problems.length > 0) process.exitCode = 1;
  if (options.json) return context.output.json({ file, problems, rows, bytes });
  context.output.print(table(Object.entries(rows).map(([name, count]) => [name, String(count)])));
  context.output.print(`${readableBytes(bytes)} in ${file}`);
  context.output.print(
    problems.length === 0 ? "nothing is wrong" : problems.map((line) => `wrong: ${line}`).join("\n"),
  );
}

/** The file first: of a damaged one the rows say nothing. */
async function look(store: Store) {
  const { rows, bytes } = await store.maintenance.sizes();
  const damage = await store.maintenance.integrity();
  return { rows, bytes, problems: damage.length > 0 ? damage : await storeProblems(store) };
}
