import { readFlowStatus, type Store } from "@agent-control-plane/core";
import type { CliContext } from "../context.ts";
import { counted } from "../counted.ts";
import { looking } from "../store/with-store.ts";
import { flowsOf, type JsonOption } from "./flows-of.ts";
import {
  addTasks,
  cancelFlow,
  cancelTask,
  decide as decideIt,
  pauseFlow,
  resumeFlow,
  retryTask,
  updateTask,
} from "./library/act-on-flows.ts";
import { findFlow, findTask } from "./library/find-flow.ts";
import { FlowError } from "./library/flow-error.ts";
import { readGiven } from "./read-given.ts";

export interface ActOptions extends JsonOption {
  /** False: no runtime is started. */
  readonly start?: boolean;
}

type Acted = Awaited<ReturnType<typeof pauseFlow>>;

const at = (context: CliContext, { start }: ActOptions = {}) => ({
  ...flowsOf(context),
  ...(start === undefined ? {} : { start }),
});

export const pause = async (context: CliContext, given: string, options: ActOptions) =>
  tell(context, options, await pauseFlow(given, at(context)), "it begins nothing new; what runs goes on");

export const resume = async (context: CliContext, given: string, options: ActOptions) =>
  tell(context, options, await resumeFlow(given, at(context, options)), "it goes on");

export const retry = async (context: CliContext, given: string, task: string, options: ActOptions) =>
  tell(context, options, await retryTask(given, task, at(context, options)), `${task} is done again`);

export async function decide(
  context: CliContext,
  ref: string,
  options: ActOptions & { readonly answer: string; readonly comment?: string },
): Promise<void> {
  const { answer, comment } = options;
  const said = comment === undefined ? {} : { comment };
  tell(context, options, await decideIt(ref, answer, { ...at(context, options), ...said }), `${ref}: ${answer}`);
}

/** `acp flow add <id> <file>`: tasks as a plan has them. */
export async function add(context: CliContext, given: string, file: string, options: ActOptions): Promise<void> {
  const { text } = await readGiven(context, file);
  tell(context, options, await addTasks(given, text, at(context, options)), "the tasks are in it");
}

/** `acp flow update <id> <task> <file>`: the keys of an UPDATE_TASK's `change`. */
export async function update(context: CliContext, given: string, task: string, file: string, options: ActOptions) {
  const { text } = await readGiven(context, file);
  tell(context, options, await updateTask(given, task, text, at(context)), `${task} is changed`);
}

export interface CancelOptions extends ActOptions {
  readonly drain?: boolean;
  readonly dryRun?: boolean;
}

/** `acp flow cancel <id> [task]` */
export async function cancel(
  context: CliContext,
  given: string,
  task: string | undefined,
  options: CancelOptions,
): Promise<void> {
  if (options.dryRun) return wouldCancel(context, given, task, options);
  const flow =
    task === undefined
      ? await cancelFlow(given, { ...at(context), drain: options.drain === true })
      : await cancelTask(given, task, at(context));
  tell(context, options, flow, task === undefined ? "it ends" : `${task} ends, and what needs it is skipped`);
}

/** What would be stopped, and what would never begin. */
async function wouldCancel(context: CliContext, given: string, taskId: string | undefined, options: CancelOptions) {
  const { flow, tasks } = await looking(context, async (found) => {
    const named = await findFlow(found, given);
    const store = found as Store;
    if (taskId !== undefined) await findTask(store, named, taskId);
    const status = await readFlowStatus(store, named.id, {
      isWorked: true,
      refuses: async () => null,
      now: context.clock.now(),
    });
    return { flow: named, tasks: status?.tasks ?? [] };
  });
  if (flow.finishedAt !== null) throw new FlowError("flow-over", `Flow ${flow.id} is over: it ${flow.state}.`);
  const open = tasks.filter((task) => task.finishedAt === null && (taskId === undefined || task.id === taskId));
  const running = open.filter(({ state }) => state === "running").map(({ id }) => id);
  const waiting = open.filter(({ state }) => state !== "running").map(({ id }) => id);
  if (options.json) return context.output.json({ flow: flow.id, dryRun: true, running, waiting });
  const stopped = options.drain && taskId === undefined ? "may end" : "would be stopped";
  context.output.print(`${counted(running.length, "running task")} ${stopped}: ${running.join(", ") || "none"}`);
  context.output.print(`${counted(waiting.length, "task")} would never begin: ${waiting.join(", ") || "none"}`);
}

function tell(context: CliContext, { json }: JsonOption, flow: Acted, words: string): void {
  if (json) context.output.json({ flow });
  else context.output.print(`${flow.id} ${flow.state}: ${words}`);
}
