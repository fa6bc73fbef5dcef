import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  changeOf,
  type Flow,
  type FlowAnswer,
  type FlowMessage,
  type FlowTask,
  type Store,
  UserError,
} from "@agent-control-plane/core";
import { formatMessage, parseChange, parseTask } from "@agent-control-plane/core/flow";
import { actingPerson } from "../acting-person.ts";
import type { CliContext } from "../context.ts";
import { table } from "../output.ts";
import { openStoreToRead, withStore } from "../runtime/daemons.ts";

interface Json {
  readonly json?: boolean;
}

/** `acp flow list` */
export async function list(context: CliContext, { json, all }: Json & { readonly all?: boolean }): Promise<void> {
  const flows = await look(context, async (store) => {
    const states = all ? {} : { states: ["running", "paused"] as const };
    const found = store === null ? [] : await store.flows.list({ ...states, limit: 200 });
    return Promise.all(found.map(async (flow) => ({ ...flow, counts: await (store as Store).flows.counts(flow.id) })));
  });
  if (json) return context.output.json({ flows });
  if (flows.length === 0)
    return context.output.print(all ? "no flows" : "no flow is under way; --all shows those that ended");
  context.output.print(
    table(
      flows.map(({ id, name, state, reason, counts }) => [
        ...[
          id,
          state,
          reason ?? "",
          `${counts.succeeded + counts.failed + counts.skipped + counts.cancelled}/${counts.total}`,
        ],
        name,
      ]),
    ),
  );
}

/** `acp flow status <id>` */
export async function status(context: CliContext, id: string, { json }: Json): Promise<void> {
  const seen = await look(context, async (store) => {
    const flow = await flowOf(store, id);
    const { flows } = store as Store;
    const [tasks, decisions, spend] = [
      await flows.tasks(id),
      await flows.decisions({ flowId: id, open: true }),
      await flows.spend(id),
    ];
    return { flow, tasks, decisions, spend };
  });
  if (json) return context.output.json(seen);
  const { flow, tasks, decisions } = seen;
  context.output.print(`${flow.id}  ${flow.name}  ${flow.state}${flow.reason === null ? "" : ` (${flow.reason})`}`);
  context.output.print(table(tasks.map(rowOf)));
  for (const { ref, taskId, question, options } of decisions)
    context.output.print(`decision ${ref} of ${taskId}: ${question} (${options.join(", ")})`);
}

const rowOf = ({ id, state, attempts, reason, summary, spec }: FlowTask): readonly string[] => [
  ...[
    `  ${id}`,
    state,
    attempts === 0 ? "" : `attempt ${attempts}`,
    spec.dependsOn.length === 0 ? "" : `after ${spec.dependsOn.join(", ")}`,
  ],
  [reason ?? "", summary ?? ""].filter((text) => text !== "").join(": "),
];

/** `acp flow wait <id>`: exit code 0 when it succeeded. */
export async function wait(
  context: CliContext,
  id: string,
  options: Json & { readonly timeout?: string },
): Promise<void> {
  const until = options.timeout === undefined ? null : context.clock.now() + Number(options.timeout) * 1000;
  for (;;) {
    const flow = await look(context, (store) => flowOf(store, id));
    if (flow.finishedAt !== null) {
      if (flow.state !== "succeeded") context.exitWith(1);
      if (options.json) return context.output.json({ flow });
      return context.output.print(`${flow.id} ${flow.state}${flow.reason === null ? "" : ` (${flow.reason})`}`);
    }
    if (until !== null && context.clock.now() >= until)
      throw new UserError(`Flow ${id} is still ${flow.state} after ${options.timeout} s. It goes on.`, { exitCode: 1 });
    await context.clock.sleep(200);
  }
}

/** `acp flow logs <id> <task>` */
export async function logs(context: CliContext, id: string, taskId: string): Promise<void> {
  const task = await look(context, async (store) => taskOf(store, id, taskId));
  if (task.attemptFolder === null) return context.output.note(`${taskId} has not begun`);
  for (const name of ["stdout.log", "stderr.log"]) {
    const text = textOf(join(task.attemptFolder, name));
    if (text !== "") context.output.print(text.trimEnd());
  }
}

/** `acp flow result <id> [task]` */
export async function result(context: CliContext, id: string, taskId: string | undefined): Promise<void> {
  const tasks = await look(context, async (store) => {
    await flowOf(store, id);
    return taskId === undefined ? (store as Store).flows.tasks(id) : [await taskOf(store, id, taskId)];
  });
  const results = tasks.map(({ id, state, reason, summary, result }) => ({ id, state, reason, summary, result }));
  context.output.json({ flow: id, tasks: results });
}

/** `acp flow export <id>` */
export async function exportFlow(context: CliContext, id: string): Promise<void> {
  const document = await look(context, async (store) => {
    const flow = await flowOf(store, id);
    const { flows } = store as Store;
    return {
      flow,
      tasks: await flows.tasks(id),
      decisions: await flows.decisions({ flowId: id }),
      messages: await flows.messages(id, 0, 1_000_000),
    };
  });
  context.output.json(document);
}

type Verb = "pause" | "resume" | "cancel";

/** `acp flow pause|resume|cancel <id>` */
export const change = (context: CliContext, verb: Verb, id: string, options: Json) =>
  act(context, options, (store, by) => store.flows[verb](id, by));

export const cancelTask = (context: CliContext, id: string, taskId: string, options: Json) =>
  act(context, options, (store, by) => store.flows.cancelTask(id, taskId, by));

export const retry = (context: CliContext, id: string, taskId: string, options: Json) =>
  act(context, options, (store, by) => store.flows.retryTask(id, taskId, by));

export const decide = (context: CliContext, ref: string, { answer, ...options }: Json & { readonly answer: string }) =>
  act(context, options, (store, by) => store.flows.decide({ flowId: null, ref, answer, by }));

/** `acp flow add <id> <file>`: one task, as an ADD_TASK has it. */
export async function add(context: CliContext, id: string, file: string, options: Json): Promise<void> {
  const text = textOf(file === "-" ? 0 : file);
  await act(context, options, async (store, by) => {
    const flow = await flowOf(store, id);
    const made = parseTask(JSON.parse(text), { plan: flow.plan });
    if ("problems" in made) throw new UserError(made.problems.join("\n"));
    return store.flows.add(id, made.tasks, by);
  });
}

/** `acp flow update <id> <task> <file>`: the keys of an UPDATE_TASK's `change`. */
export async function update(context: CliContext, id: string, taskId: string, file: string, options: Json) {
  const text = textOf(file === "-" ? 0 : file);
  await act(context, options, async (store, by) => {
    const { plan } = await flowOf(store, id);
    const made = parseChange(JSON.parse(text), (await taskOf(store, id, taskId)).spec, { plan });
    if ("problems" in made) throw new UserError(made.problems.join("\n"));
    return store.flows.update(id, taskId, changeOf(made.spec), by);
  });
}

/** `acp flow watch <id>`: what happens, as it happens; exit code as of `wait`. */
export async function watch(context: CliContext, id: string, { json }: Json): Promise<void> {
  let seq = 0;
  for (;;) {
    const { flow, messages } = await look(context, async (store) => {
      const found = await flowOf(store, id);
      return { flow: found, messages: await (store as Store).flows.messages(id, seq, 1_000) };
    });
    for (const message of messages) {
      if (json) context.output.jsonLine(JSON.parse(formatMessage(id, message)));
      else context.output.print(lineOf(message));
    }
    seq = messages.at(-1)?.seq ?? seq;
    if (flow.finishedAt !== null && messages.length === 0) {
      if (flow.state !== "succeeded") context.exitWith(1);
      return;
    }
    await context.clock.sleep(200);
  }
}

function lineOf({ at, type, taskId, body }: FlowMessage): string {
  const said = (body ?? {}) as { readonly summary?: string; readonly reason?: string; readonly percent?: number };
  const percent = said.percent === undefined ? "" : `${said.percent} %`;
  const words = [taskId ?? "", said.reason ?? "", said.summary ?? "", percent].filter((word) => word !== "");
  return [new Date(at).toISOString(), type.padEnd(15), ...words].join("  ");
}

async function act(
  context: CliContext,
  { json }: Json,
  how: (store: Store, by: string) => Promise<FlowAnswer>,
): Promise<void> {
  const answer = await withStore(context.home, (store) => how(store, actingPerson(context.env)));
  if (answer.kind === "refused") {
    const isUnknown = answer.reason.startsWith("unknown-");
    throw new UserError(answer.summary, { exitCode: isUnknown ? 66 : 1 });
  }
  if (json) context.output.json(answer);
  else context.output.print("done");
}

async function look<T>(context: CliContext, how: (store: Store | null) => Promise<T>): Promise<T> {
  const store = await openStoreToRead(context.home, { isOneLook: true });
  try {
    return await how(store);
  } finally {
    await store?.close();
  }
}

async function flowOf(store: Store | null, id: string): Promise<Flow> {
  const flow = await store?.flows.get(id);
  if (flow) return flow;
  throw new UserError(`There is no flow ${id}. "acp flow list --all" shows those there are.`, { exitCode: 66 });
}

async function taskOf(store: Store | null, id: string, taskId: string): Promise<FlowTask> {
  await flowOf(store, id);
  const task = await store?.flows.task(id, taskId);
  if (task) return task;
  throw new UserError(`There is no task ${taskId} in flow ${id}.`, { exitCode: 66 });
}

function textOf(path: string | number): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (typeof path === "string" && (error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}
