import { loadProfile, type Session, UserError } from "@agent-control-plane/core";
import { GitError, type RecordedDiff, recordedDiff } from "@agent-control-plane/runners";
import { backends } from "@agent-control-plane/runners/backends";
import type { CliContext } from "../context.ts";
import { counted } from "../counted.ts";
import { table } from "../output.ts";
import { withStoreToRead } from "../runtime/daemons.ts";

interface Options {
  readonly stat?: boolean;
  readonly json?: boolean;
}

/** More is a look at the repository itself. */
const maxBytes = 4 * 1024 * 1024;

/** What the work of a session changes, out of the profile's own repository: nothing has to be pushed for it. */
export async function diff(context: CliContext, id: string, options: Options): Promise<void> {
  const { session, agent } = await withStoreToRead(context.home, { session: null, agent: null }, async (store) => {
    const found = await store.sessions.get(id);
    const all = found?.kind === "verify" ? await store.sessions.list({ taskId: found.taskId }) : [];
    const worked = all.filter(({ kind, attempt }) => kind === "agent" && attempt === found?.attempt).at(-1);
    return { session: found, agent: worked ?? found };
  });
  if (!session || !agent) {
    throw new UserError(`There is no session "${id}". "acp sessions list --all" shows them.`, { exitCode: 1 });
  }
  const { fromSha, toSha } = rangeOf(agent);
  const { files, patch, truncated } = await readDiff(context, agent, fromSha, toSha);
  if (options.json) {
    const shared = { session: agent.id, fromSha, toSha, files };
    return context.output.json(options.stat ? shared : { ...shared, patch, truncated });
  }
  context.output.print(options.stat || patch === "" ? statOf(files) : patch.replace(/\n$/, ""));
  if (truncated && !options.stat) context.output.note(`only the first ${maxBytes} bytes are shown; --stat counts all`);
}

function rangeOf(session: Session): { readonly fromSha: string; readonly toSha: string } {
  const { startSha, headSha } = (session.evidence ?? {}) as { startSha?: unknown; headSha?: unknown };
  if (typeof headSha === "string") {
    return { fromSha: typeof startSha === "string" ? startSha : session.startSha, toSha: headSha };
  }
  const why = session.state === "concluded" ? "no work of it was recorded" : "its work is recorded when it has ended";
  throw new UserError(`Session ${session.id} has nothing to show: ${why}.`, { exitCode: 1 });
}

async function readDiff(
  { home, env }: CliContext,
  session: Session,
  fromSha: string,
  toSha: string,
): Promise<RecordedDiff> {
  const anchorPath = loadProfile(home, session.profileId, env, backends).runtime.agentRepoRoot;
  const range = `${fromSha.slice(0, 12)}..${toSha.slice(0, 12)}`;
  try {
    const found = await recordedDiff({ anchorPath, fromSha, toSha, maxBytes });
    if (found) return found;
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    throw new UserError(
      `The work of session ${session.id} (${range}) cannot be read from ${anchorPath}: ${error.message}. ` +
        "Old work is given up some time after its item is closed.",
      { exitCode: 1 },
    );
  }
  throw new UserError(
    `The work of session ${session.id} (${range}) lies in ${anchorPath}, which is not on this host. ` +
      "Run this on the host of its daemon.",
    { exitCode: 1 },
  );
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
