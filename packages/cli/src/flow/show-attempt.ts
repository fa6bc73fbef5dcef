import { closeSync, constants, existsSync, fstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { type FlowTask, type Store, UserError } from "@agent-control-plane/core";
import type { CliContext } from "../context.ts";
import { readableEvents } from "../sessions/readable-events.ts";
import { looking } from "../store/with-store.ts";
import type { JsonOption } from "./flows-of.ts";
import { leavingItAlone } from "./leaving-it-alone.ts";
import { findFlow, findTask } from "./library/find-flow.ts";
import { FlowError } from "./library/flow-error.ts";

export interface LogsOptions extends JsonOption {
  readonly attempt?: string;
  readonly follow?: boolean;
}

/** Of commands the first two, of agents the third. */
const files = ["stdout.log", "stderr.log", "events.jsonl"] as const;

/** `acp flow logs <id> <task>`: what an attempt printed, and with `follow` what it prints until it is over. */
export async function logs(context: CliContext, given: string, taskId: string, options: LogsOptions): Promise<void> {
  if (options.follow && options.json)
    throw new UserError("--follow prints no document: leave --json out.", { exitCode: 64 });
  const asked = options.attempt === undefined ? null : attemptOf(options.attempt);
  const first = await look(context, given, taskId);
  const attempt = asked ?? first.task.attempts;
  if (first.task.attempts === 0 && asked === null && !options.follow) {
    if (options.json) return context.output.json({ ...nameOf(first), attempt: null, folder: null, files: [] });
    return context.output.note(`${taskId} has not begun`);
  }
  if (attempt > first.task.attempts) throw noAttempt(first.task, attempt);
  if (options.json) return context.output.json(documentOf(first, attempt));
  if (!options.follow) return void print(context, folderOf(first, attempt), new Map(), { isOver: true });
  await leavingItAlone(context, first.flow.id, (signal) => follow(context, first, asked, signal));
}

type Seen = Awaited<ReturnType<typeof look>>;

const look = (context: CliContext, given: string, taskId: string) =>
  looking(context, async (store) => {
    const flow = await findFlow(store, given);
    return { flow, task: await findTask(store as Store, flow, taskId) };
  });

function attemptOf(given: string): number {
  if (/^[1-9]\d{0,8}$/.test(given)) return Number(given);
  throw new UserError(`--attempt is a number from 1 on, and not "${given}".`, { exitCode: 64 });
}

function noAttempt({ id, attempts }: FlowTask, attempt: number): FlowError {
  const there = attempts === 0 ? "It has not begun." : `It had ${attempts}.`;
  return new FlowError("unknown-attempt", `Task ${id} had no attempt ${attempt}. ${there}`, { exitCode: 66 });
}

const folderOf = ({ flow, task }: Seen, attempt: number): string =>
  join(flow.folder, "tasks", task.id, String(attempt));

const nameOf = ({ flow, task }: Seen) => ({ flow: flow.id, task: task.id });

function documentOf(seen: Seen, attempt: number) {
  const folder = folderOf(seen, attempt);
  const found = files.filter((name) => existsSync(join(folder, name)));
  const texts = found.map((name) => ({ name, text: textFrom(join(folder, name), 0).toString("utf8") }));
  return { ...nameOf(seen), attempt, folder, files: texts };
}

/** Until this attempt is over; without a number each attempt in its turn, until the task is. */
async function follow(context: CliContext, first: Seen, asked: number | null, signal: AbortSignal): Promise<void> {
  const read = new Map<string, number>();
  let seen = first;
  let attempt = asked ?? Math.max(1, first.task.attempts);
  for (;;) {
    const isLast = asked !== null || attempt >= seen.task.attempts;
    const isOver = attempt < seen.task.attempts || seen.task.state !== "running";
    print(context, folderOf(seen, attempt), read, { isOver });
    if (isOver && !isLast) attempt += 1;
    else if (isOver && (asked !== null || seen.task.finishedAt !== null)) return;
    else {
      await context.clock.sleep(200, signal);
      if (signal.aborted) throw new Error("left");
      seen = await look(context, first.flow.id, first.task.id);
    }
  }
}

/** What is new in each file since the last look: whole lines, unless it is over. */
function print(
  { output }: CliContext,
  folder: string,
  read: Map<string, number>,
  { isOver }: { readonly isOver: boolean },
): void {
  for (const name of files) {
    const path = join(folder, name);
    const from = read.get(path) ?? 0;
    const found = textFrom(path, from);
    const text = isOver ? found : found.subarray(0, found.lastIndexOf("\n") + 1);
    read.set(path, from + text.length);
    const said = text.toString("utf8").replace(/\n$/, "");
    if (said !== "") output.print(name === "events.jsonl" ? readableEvents(said) : said);
  }
}

/** At once; following goes on behind it. */
const mostBytes = 64 * 1024 * 1024;

function textFrom(path: string, from: number): Buffer {
  if (!existsSync(path)) return Buffer.alloc(0);
  // A task may have put anything there: a pipe would be waited for.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!fstatSync(file).isFile()) return Buffer.alloc(0);
    const chunks: Buffer[] = [];
    let position = from;
    for (;;) {
      const chunk = Buffer.alloc(256 * 1024);
      const length = readSync(file, chunk, 0, chunk.length, position);
      if (length === 0 || position - from >= mostBytes) return Buffer.concat(chunks);
      chunks.push(chunk.subarray(0, length));
      position += length;
    }
  } finally {
    closeSync(file);
  }
}
