import type { Flow } from "../../domain/flow.ts";
import type { LeaseKey } from "../../domain/task.ts";
import type { Clock, Log } from "../../ports.ts";
import type { FlowStore } from "../../store/ports/flows.ts";
import { appendMessages, lastTold, outboxMark } from "../mailbox/outbox-file.ts";
import { parseMailboxLine } from "../mailbox/parse-command-line.ts";
import { type FoundLine, inboxMark, readInbox } from "../mailbox/read-inbox.ts";
import { readyLine } from "./ready-command.ts";
import { type CallBack, tellOwner } from "./tell-owner.ts";

/** What a runtime remembers of a mailbox that it keeps; nothing is lost with it. */
export interface Keeper {
  readonly flowId: string;
  readonly lease: LeaseKey;
  /** The newest message that is in the outbox, and the file as it was then; null: it was not looked at yet. */
  told: { readonly seq: number; readonly mark: string | null } | null;
  /** The inbox as it was when there was nothing new in it; null: look. */
  readMark: string | null;
  /** The callback is being told. */
  isTelling: boolean;
}

export interface KeeperTools {
  readonly flows: FlowStore;
  readonly log: Log;
  readonly clock: Clock;
  readonly workers: readonly string[];
  readonly callBack: CallBack;
  /** Aborted when this runtime ends. */
  readonly leaving: AbortSignal;
}

/** One look after a flow's mailbox. `gone`: it is over and told, or somebody else keeps it now. */
export async function keepFlow(keeper: Keeper, tools: KeeperTools): Promise<"busy" | "quiet" | "gone"> {
  const { flows } = tools;
  const flow = await flows.get(keeper.flowId);
  if (flow === null) return "gone";
  // What is wrong with the one file holds up the other no longer than for this look.
  const [read] = await Promise.allSettled([obeyInbox(keeper, flow, tools)]);
  const written = await tell(keeper, flow, flows);
  if (read.status === "rejected") throw read.reason;
  if (read.value === "lost" || written === "lost") return "gone";
  if (read.value + written > 0) return "busy";
  return flow.finishedAt === null ? "quiet" : closeFlow(keeper, flow, tools);
}

async function closeFlow(keeper: Keeper, flow: Flow, tools: KeeperTools): Promise<"busy" | "quiet" | "gone"> {
  const { onDone } = flow.plan;
  if (onDone !== null && (flow.callback === null || flow.callback.state === "waiting")) {
    // Beside everything else: who is told may take its time.
    if (!keeper.isTelling) void tellOwner(keeper, flow, tools);
    return "quiet";
  }
  return (await tools.flows.markDone(keeper.lease, flow.id)) === "not-over" ? "busy" : "gone";
}

async function obeyInbox(keeper: Keeper, flow: Flow, tools: KeeperTools): Promise<number | "lost"> {
  const { flows, workers, log, clock } = tools;
  const mark = inboxMark(flow.folder, clock.now());
  if (mark !== null && mark === keeper.readMark) return 0;
  const cursor = await flows.cursor(flow.id);
  if (cursor === null) return 0;
  const found = readInbox(flow.folder, cursor);
  keeper.readMark = found.length === 0 ? mark : null;
  let after: Parameters<FlowStore["applyLine"]>[1]["after"] = cursor;
  for (const { line, offset, fileId } of found) {
    const said = await saidIn(line, flow, workers, flows);
    const at = { flowId: flow.id, after, fileId, offset, nextOffset: line.end, lineNumber: line.line };
    const answer = await flows.applyLine(keeper.lease, { ...at, said });
    if (answer === "lost") return "lost";
    if (answer.kind === "elsewhere") break;
    if (answer.kind !== "blank") log.info("flow command read", { flow: flow.id, line: line.line, answer: answer.kind });
    after = { fileId, offset: line.end };
  }
  return found.length;
}

const saidIn = async (line: FoundLine["line"], flow: Flow, workers: readonly string[], flows: FlowStore) =>
  "text" in line && line.text === ""
    ? { problem: "" }
    : readyLine(parseMailboxLine(line), flow, workers, (taskId) => flows.task(flow.id, taskId));

const mostAtOnce = 500;

/**
 * Goes on behind what is in the file, whatever is remembered of it: a kill may have come between writing and noting, and
 * whoever reads it may have moved it aside, or cut it.
 */
async function tell(keeper: Keeper, { id, folder }: Flow, flows: FlowStore): Promise<number | "lost"> {
  const { told } = keeper;
  const isAsLeft = told !== null && told.mark === outboxMark(folder);
  if (isAsLeft && (await flows.messages(id, told.seq, 1)).length === 0) return 0;
  const written = await flows.writeOut({
    ...{ keeper: keeper.lease, flowId: id, limit: mostAtOnce },
    told: (lastSeq) => lastTold(folder, id, lastSeq),
    append: (messages) => appendMessages(folder, id, messages),
  });
  if (written === "lost") return "lost";
  keeper.told = { seq: written.lastSeq, mark: outboxMark(folder) };
  return written.written;
}
