import { createReadStream, existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { approvalNeeded, inDollars, inTokens, type Session, tokensOf } from "@agent-control-plane/core";
import type { CliContext } from "../context.ts";
import { table } from "../output.ts";
import { ago } from "../runtime/ago.ts";
import { awaitingTasks } from "../runtime/awaiting-approval.ts";
import { refuseUnknownProfile } from "../select-profile.ts";
import { withStoreToRead } from "../store/with-store.ts";
import { fieldsInWords } from "./fields-in-words.ts";
import { noSession } from "./no-session.ts";
import { readableEvents } from "./readable-events.ts";
import { stopOneSession, stoppedInWords } from "./stop-one-session.ts";

export async function list(
  context: CliContext,
  options: { readonly profileId?: string; readonly all?: boolean; readonly json?: boolean },
): Promise<void> {
  const states = options.all ? undefined : (["intended", "running", "ended"] as const);
  const filter = {
    ...(options.profileId ? { profileId: options.profileId } : {}),
    ...(states ? { states } : {}),
    limit: 500,
  };
  const sessions = await withStoreToRead(context.home, [], async (store) => {
    const awaiting = await awaitingTasks(store, options.profileId);
    return (await store.sessions.list(filter)).map((session) => withAwaits(session, awaiting));
  });
  if (sessions.length === 0) refuseUnknownProfile(context.home, options.profileId);
  if (options.json) return context.output.json({ sessions });
  if (sessions.length === 0)
    return context.output.print(
      options.all ? "no session yet" : "no session under way; --all shows the concluded ones",
    );
  const { bold } = context.output.style;
  const rows = sessions.map((session) => [
    session.id,
    session.profileId,
    session.subject,
    session.kind,
    session.kind === "agent" ? [session.backend, session.servedModel ?? session.model ?? []].flat().join(" ") : "-",
    session.state,
    session.ending?.exitReason ?? "-",
    // What waits for a person is not published yet, whatever was concluded.
    session.awaits ?? session.outcome ?? "-",
    spentBy(session),
    ago(context.clock.now() - session.intendedAt),
  ]);
  context.output.print(
    table([
      ["SESSION", "PROFILE", "SUBJECT", "KIND", "SERVED BY", "STATE", "EXIT", "OUTCOME", "SPENT", "AGE"].map(bold),
      ...rows,
    ]),
  );
}

/** Tokens, and what they cost where that is known; nothing of a check, which asks no model. */
function spentBy({ kind, spend }: Session): string {
  if (kind === "verify") return "-";
  if (!spend) return "unknown";
  const { usage, costKind } = spend;
  const money = costKind === "local" ? "local" : costKind === null ? "cost unknown" : inDollars(usage.costUsd ?? 0);
  return `${inTokens(tokensOf(usage))}, ${money}`;
}

/** Work that is concluded as published, and of which nothing is before a person approves it. */
const withAwaits = (session: Session, awaiting: ReadonlyMap<number, number>) => ({
  ...session,
  awaits: session.outcome === "published" && awaiting.has(session.taskId) ? approvalNeeded : null,
});

export async function show(context: CliContext, id: string, options: { readonly json?: boolean }): Promise<void> {
  const session = await withStoreToRead(context.home, null, async (store) => {
    const found = await store.sessions.get(id);
    return found && withAwaits(found, await awaitingTasks(store, found.profileId));
  });
  if (!session) throw noSession(id);
  if (options.json) return context.output.json(session);
  context.output.print(table(fieldsInWords(session)));
}

/** Prints what is there and, with `follow`, what comes, until the session is over. */
export async function logs(
  context: CliContext,
  id: string,
  options: { readonly follow?: boolean; readonly raw?: boolean; readonly json?: boolean },
): Promise<void> {
  const known = await withStoreToRead(context.home, false, async (store) => {
    const session = await store.sessions.get(id);
    if (!session) throw noSession(id);
    const file = join(session.runDir, options.raw ? "output.log" : "events.jsonl");
    const view = options.raw || options.json ? (text: string) => text : readableEvents;
    let from = 0;
    for (;;) {
      const isOver = !options.follow || isEnded(await store.sessions.get(id));
      from = await print(context, file, from, view);
      if (isOver) return true;
      await context.clock.sleep(300);
    }
  });
  if (!known) throw noSession(id);
}

const isEnded = (session: Session | null): boolean =>
  session === null || session.state === "ended" || session.state === "concluded";

/** Whole lines only: the rest of a line that is being written comes with the next look. */
async function print(context: CliContext, file: string, from: number, view: (text: string) => string): Promise<number> {
  if (!existsSync(file) || statSync(file).size <= from) return from;
  let text = "";
  for await (const chunk of createReadStream(file, { start: from, encoding: "utf8" })) text += chunk;
  const end = text.lastIndexOf("\n");
  if (end < 0) return from;
  context.output.print(view(text.slice(0, end)));
  return from + Buffer.byteLength(text.slice(0, end + 1));
}

export async function stop(context: CliContext, id: string, options: { readonly json?: boolean }): Promise<void> {
  const stopped = await stopOneSession(context.home, id, "cli");
  if (options.json) context.output.json(stopped);
  else context.output.print(stoppedInWords(stopped));
}
