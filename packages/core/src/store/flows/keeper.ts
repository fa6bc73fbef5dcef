import type { FlowCallbackNote } from "../../domain/flow.ts";
import type { FlowMessage, ReadyFlowCommand } from "../../domain/flow-mailbox.ts";
import type { LeaseKey } from "../../domain/task.ts";
import type { Instant } from "../../domain/time.ts";
import type { MessageBodies } from "../../flow/mailbox/message-bodies.ts";
import { withoutTokens } from "../../profile/redaction.ts";
import { holderOf } from "../leases.ts";
import type { FlowAnswer, FlowStore, InboxCursor, InboxLine, LineAnswer } from "../ports/flows.ts";
import { releaseTask } from "../release-task.ts";
import { count, must, type Operation, one, outside } from "../statement.ts";
import type { Lost } from "../store.ts";
import { addFlowTasks } from "./add-tasks.ts";
import { pauseFlow, resumeFlow, stopFlow } from "./change-flow.ts";
import { cancelFlowTask, updateFlowTask } from "./change-task.ts";
import { decide } from "./decide.ts";
import { fixForRefusal } from "./fix-for-refusal.ts";
import { addMessages, readMessages } from "./flow-messages.ts";
import { isFlowOver, readFlow } from "./flow-row.ts";
import { logFlow } from "./log-flow.ts";

/** Who holds the keeper's lease of this flow; undefined: not this lease, not any more. */
function* keeperOf(keeper: LeaseKey, flowId: string): Operation<string | undefined> {
  const owner = yield* holderOf(keeper);
  if (owner === undefined) return undefined;
  const ours = yield* one(`select 1 from flows where id = @flowId and keeper_task_id = @taskId`, {
    ...{ flowId, taskId: keeper.taskId },
  });
  return ours === undefined ? undefined : owner;
}

export function* readCursor(flowId: string): Operation<InboxCursor | null> {
  const cursor = yield* one<InboxCursor>(
    `select inbox_file as "fileId", inbox_offset as "offset", inbox_line as "lineNumber", written_seq as "writtenSeq"
       from flows where id = @flowId`,
    { flowId },
  );
  return cursor ?? null;
}

export function* applyLine(keeper: LeaseKey, line: InboxLine, now: Instant): Operation<LineAnswer | Lost> {
  const actor = yield* keeperOf(keeper, line.flowId);
  const cursor = yield* readCursor(line.flowId);
  if (actor === undefined || cursor === null) return "lost";
  if (cursor.fileId !== line.after.fileId || cursor.offset !== line.after.offset) return { kind: "elsewhere", cursor };
  const { flowId, fileId, nextOffset, lineNumber } = line;
  yield* count(
    `update flows set inbox_file = @fileId, inbox_offset = @nextOffset, inbox_line = @lineNumber where id = @flowId`,
    { flowId, fileId, nextOffset, lineNumber },
  );
  const answer = yield* readAnswer(line, now);
  yield* logLine(line, answer, actor, now);
  return answer;
}

function* readAnswer({ flowId, lineNumber, said }: InboxLine, now: Instant): Operation<LineAnswer> {
  if ("problem" in said) return said.problem === "" ? { kind: "blank" } : { kind: "malformed" };
  if (said.id !== null) {
    const isNew = yield* count(
      `insert into flow_commands (flow_id, id, line, at) values (@flowId, @id, @lineNumber, @now)
       on conflict (flow_id, id) do nothing`,
      { flowId, id: said.id, lineNumber, now },
    );
    if (isNew === 0) return { kind: "repeat" };
  }
  return yield* obey(flowId, said, now);
}

const inbox = "inbox";

function* obey(flowId: string, said: ReadyFlowCommand, now: Instant): Operation<FlowAnswer> {
  switch (said.type) {
    case "ADD_TASK":
      return yield* addFlowTasks(flowId, said.tasks, inbox, now);
    case "UPDATE_TASK":
      return yield* updateFlowTask(flowId, said.taskId, said.change, inbox, now);
    case "CANCEL_TASK":
      return yield* cancelFlowTask(flowId, said.taskId, inbox, said.reason ?? "cancelled", now);
    case "DECIDE": {
      const { ref, answer, comment } = said;
      return yield* decide({ flowId, ref, answer, comment, by: inbox }, now);
    }
    case "PAUSE":
      return yield* pauseFlow(flowId, inbox, now);
    case "RESUME":
      return yield* resumeFlow(flowId, inbox, now);
    case "STOP":
      return yield* stopFlow(flowId, said.mode, inbox, now);
    default:
      throw new Error(`Unknown command: ${JSON.stringify(said satisfies never)}`);
  }
}

/** Whatever was not done is said, with its line and reason. */
function* logLine({ flowId, said, ...line }: InboxLine, answer: LineAnswer, actor: string, now: Instant) {
  const command = "problem" in said ? {} : { command: said.type, commandId: said.id };
  const at = { line: line.lineNumber, ...command };
  const body = { ...at, offset: line.offset, fileId: line.fileId, nextOffset: line.nextOffset, answer: answer.kind };
  yield* logFlow(flowId, [{ kind: "flow.line-read", body }], actor, now);
  const problem = problemOf(answer, said);
  const flow = yield* readFlow(flowId);
  if (problem === null || !flow) return;
  const { commandId, ...rest } = { commandId: null, ...at };
  const whose = commandId === null ? rest : { ...rest, commandId };
  yield* addMessages({ flow, actor, now }, [{ type: "ERROR", taskId: null, body: { ...whose, ...problem } }]);
}

function problemOf(
  answer: LineAnswer,
  said: InboxLine["said"],
): Pick<MessageBodies["ERROR"], "code" | "reason" | "fix"> | null {
  if (answer.kind === "refused") {
    return { code: answer.reason, reason: answer.summary, fix: fixForRefusal[answer.reason] };
  }
  if (answer.kind === "repeat" && "id" in said) {
    const fix = "give each command an id of its own; what the first one asked for was done or refused then.";
    return { code: "repeat", reason: `A command with the id ${said.id} was there before.`, fix };
  }
  if (answer.kind === "malformed" && "problem" in said) {
    return { code: "malformed", reason: said.problem, fix: said.fix ?? "append a corrected line." };
  }
  return null;
}

export function* writeOut({
  keeper,
  flowId,
  limit,
  told,
  append,
}: Parameters<FlowStore["writeOut"]>[0]): Operation<{ readonly written: number; readonly lastSeq: number } | Lost> {
  if ((yield* keeperOf(keeper, flowId)) === undefined) return "lost";
  const { lastSeq: newest, writtenSeq } = yield* must<{ readonly lastSeq: number; readonly writtenSeq: number }>(
    `select last_seq as "lastSeq", written_seq as "writtenSeq" from flows where id = @flowId`,
    { flowId },
  );
  const afterSeq = (yield* outside(() => told(newest))) ?? writtenSeq;
  const messages: readonly FlowMessage[] = yield* readMessages(flowId, afterSeq, limit);
  const lastSeq = messages.at(-1)?.seq ?? afterSeq;
  if (messages.length > 0) yield* outside(() => append(messages));
  yield* count(`update flows set written_seq = @lastSeq where id = @flowId and written_seq <> @lastSeq`, {
    ...{ flowId, lastSeq },
  });
  return { written: messages.length, lastSeq };
}

/** Before a try and after it, so that whoever comes after a kill knows how often it was tried, and when to try again. */
export function* noteCallback(
  keeper: LeaseKey,
  flowId: string,
  note: FlowCallbackNote,
  now: Instant,
): Operation<"applied" | Lost> {
  const actor = yield* keeperOf(keeper, flowId);
  if (actor === undefined) return "lost";
  const noted = { ...note, answer: note.answer === null ? null : withoutTokens(note.answer) };
  const saved = yield* count(
    `update flows set callback = @callback, revision = revision + 1
      where id = @flowId and id || '-' || finished_at = @delivery`,
    { flowId, delivery: note.delivery, callback: JSON.stringify(noted) },
  );
  if (saved === 0) return "lost";
  yield* logFlow(flowId, [{ kind: "flow.callback", body: { callback: noted } }], actor, now);
  return "applied";
}

export function* markDone(keeper: LeaseKey, flowId: string, now: Instant): Operation<"applied" | "not-over" | Lost> {
  const actor = yield* keeperOf(keeper, flowId);
  const flow = yield* readFlow(flowId);
  if (actor === undefined || !flow) return "lost";
  const open = yield* one(`select 1 from flows where id = @flowId and written_seq < last_seq`, { flowId });
  const isTelling = flow.plan.onDone !== null && (flow.callback === null || flow.callback.state === "waiting");
  if (!isFlowOver(flow) || open !== undefined || isTelling) return "not-over";
  const result = { callback: flow.callback?.answer ?? null };
  const released = yield* releaseTask(keeper, { kind: "succeeded", result }, { actor }, now);
  if (released === "lost") return "lost";
  yield* logFlow(flowId, [{ kind: "flow.told", body: result }], actor, now);
  return "applied";
}
