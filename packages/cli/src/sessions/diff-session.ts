import { UserError } from "@agent-control-plane/core";
import type { RecordedDiff } from "@agent-control-plane/runners";
import type { CliContext } from "../context.ts";
import { counted } from "../counted.ts";
import { table } from "../output.ts";
import { withStoreToRead } from "../store/with-store.ts";
import { readSessionWork, workingSession } from "./read-session-work.ts";

interface Options {
  readonly stat?: boolean;
  readonly json?: boolean;
}

/** More is a look at the repository itself. */
const maxBytes = 4 * 1024 * 1024;

/** What the work of a session changes, out of the profile's own repository: nothing has to be pushed for it. */
export async function diff(context: CliContext, id: string, options: Options): Promise<void> {
  const agent = await withStoreToRead(context.home, null, (store) => workingSession(store, id));
  if (!agent) {
    throw new UserError(`There is no session "${id}". "acp sessions list --all" shows them.`, { exitCode: 1 });
  }
  const { fromSha, toSha, files, patch, truncated } = await readSessionWork(context, agent, maxBytes);
  if (options.json) {
    const shared = { session: agent.id, fromSha, toSha, files };
    return context.output.json(options.stat ? shared : { ...shared, patch, truncated });
  }
  context.output.print(options.stat || patch === "" ? statOf(files) : patch.replace(/\n$/, ""));
  if (truncated && !options.stat) context.output.note(`only the first ${maxBytes} bytes are shown; --stat counts all`);
}

function statOf(files: RecordedDiff["files"]): string {
  if (files.length === 0) return "no file is changed";
  const sum = (counts: readonly (number | null)[]) => counts.reduce<number>((all, count) => all + (count ?? 0), 0);
  const rows = files.map(({ path, status, additions, deletions }) => [
    `  ${path}`,
    status,
    additions === null ? "binary" : `+${additions} -${deletions}`,
  ]);
  const added = sum(files.map(({ additions }) => additions));
  const deleted = sum(files.map(({ deletions }) => deletions));
  return `${table(rows)}\n${counted(files.length, "file")}, +${added} -${deleted}`;
}
