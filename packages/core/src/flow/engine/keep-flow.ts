import type { Flow } from "../../domain/flow.ts";
import type { LeaseKey } from "../../domain/task.ts";
import type { Log } from "../../ports.ts";
import type { FlowStore } from "../../store/ports/flows.ts";
import { appendMessages, mendOutbox } from "../mailbox/outbox-file.ts";
import { parseMailboxLine } from "../mailbox/parse-command-line.ts";
import { readInbox } from "../mailbox/read-inbox.ts";
import { readyLine } from "./ready-command.ts";

export interface Keeper {
  readonly flowId: string;
  readonly lease: LeaseKey;
  /** Of the file's last whole line; null: the file was not looked at yet. */
  writtenSeq: number | null;
}

export interface KeeperTools {
  readonly flows: FlowStore;
  readonly log: Log;
  readonly workers: readonly string[];
  /** Tells whoever the plan names that the flow is over; answers what came of it. */
  readonly callBack: (flow: Flow) => Promise<string>;
}

/** One look after a flow's mailbox. `gone`: it is over and told, or somebody else keeps it now. */
export async function keepFlow(keeper: Keeper, tools: KeeperTools): Promise<"busy" | "quiet" | "gone"> {
  const { flows } = tools;
  const flow = await flows.get(keeper.flowId);
  if (flow === null) return "gone";
  const read = await obeyInbox(keeper, flow, tools);
  if (read === "lost") return "gone";
  const written = await tell(keeper, flow, flows);
  if (written === "lost") return "gone";
  if (flow.finishedAt !== null && written === 0 && read === 0) {
    const callback = flow.plan.onDone === null ? null : await tools.callBack(flow);
    return (await flows.markDone(keeper.lease, flow.id, callback)) === "not-over" ? "busy" : "gone";
  }
  return read + written > 0 ? "busy" : "quiet";
}

async function obeyInbox(keeper: Keeper, flow: Flow, { flows, workers, log }: KeeperTools): Promise<number | "lost"> {
  const cursor = await flows.cursor(flow.id);
  const reading = cursor && readInbox(flow.folder, cursor);
  if (!cursor || !reading) return 0;
  let offset = cursor.fileId === reading.fileId ? cursor.offset : 0;
  for (const line of reading.lines) {
    const said = await readyLine(parseMailboxLine(line), flow, workers, (taskId) => flows.task(flow.id, taskId));
    const at = { flowId: flow.id, fileId: reading.fileId, offset, nextOffset: line.end, lineNumber: line.line };
    const answer = await flows.applyLine(keeper.lease, { ...at, said });
    if (answer === "lost") return "lost";
    log.info("flow command read", { flow: flow.id, line: line.line, answer: answer.kind });
    if (answer.kind === "elsewhere") break;
    offset = line.end;
  }
  return reading.lines.length;
}

const mostAtOnce = 500;

/** Whoever comes after a kill looks at the file first: what it has was told, whatever the store knows of it. */
async function tell(keeper: Keeper, { id, folder }: Flow, flows: FlowStore): Promise<number | "lost"> {
  keeper.writtenSeq ??= mendOutbox(folder) ?? (await flows.cursor(id))?.writtenSeq ?? 0;
  const afterSeq = keeper.writtenSeq;
  if ((await flows.messages(id, afterSeq, 1)).length === 0) {
    // A message that is in the file and was not noted, because of a kill in between.
    if (((await flows.cursor(id))?.writtenSeq ?? afterSeq) >= afterSeq) return 0;
  }
  const told = await flows.writeOut({
    ...{ keeper: keeper.lease, flowId: id, afterSeq, limit: mostAtOnce },
    append: (messages) => appendMessages(folder, id, messages),
  });
  if (told === "lost") return "lost";
  keeper.writtenSeq = told.lastSeq;
  return told.written;
}
