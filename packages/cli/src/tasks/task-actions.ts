import { type Store, type Task, UserError } from "@agent-control-plane/core";
import type { CliContext } from "../context.ts";
import { table } from "../output.ts";
import { ago } from "../runtime/ago.ts";
import { refuseUnknownProfile } from "../select-profile.ts";
import { withStore, withStoreToRead } from "../store/with-store.ts";

interface Json {
  readonly json?: boolean;
}

export async function list(context: CliContext, options: Json & { readonly profileId?: string }): Promise<void> {
  const filter = {
    ...(options.profileId ? { queue: options.profileId } : {}),
    states: ["queued", "scheduled", "running", "dead"] as const,
    limit: 500,
  };
  const tasks = await withStoreToRead(context.home, [], (store) => store.tasks.list(filter));
  if (tasks.length === 0) refuseUnknownProfile(context.home, options.profileId);
  if (options.json) return context.output.json({ tasks });
  if (tasks.length === 0) return context.output.print("no task waits, runs or gave up");
  const { bold } = context.output.style;
  const rows = tasks.map((task) => [
    String(task.id),
    task.queue,
    task.subject,
    task.state,
    `${task.attempts}/${task.maxAttempts}`,
    ago(context.clock.now() - task.createdAt),
    task.reason ?? "",
  ]);
  context.output.print(table([["TASK", "QUEUE", "SUBJECT", "STATE", "ATTEMPTS", "AGE", "REASON"].map(bold), ...rows]));
}

export async function cancel(context: CliContext, id: string, options: Json): Promise<void> {
  const task = await onTask(context.home, id, (store, taskId) => store.tasks.cancel(taskId, "cli", "operator"));
  if (options.json) return context.output.json(task);
  context.output.print(
    task.state === "running" ? `task ${task.id} was asked to stop` : `task ${task.id} is ${task.state}`,
  );
}

export async function replay(context: CliContext, id: string, options: Json): Promise<void> {
  const task = await replayTask(context.home, id, "cli");
  if (options.json) return context.output.json(task);
  context.output.print(`task ${task.id} is ${task.state}`);
}

/** What is no dead letter stays as it is. */
export const replayTask = (home: string, id: string, by: string): Promise<Task> =>
  onTask(
    home,
    id,
    async (store, taskId) => (await store.tasks.replayDeadLetter(taskId, by)) ?? store.tasks.get(taskId),
  );

async function onTask(
  home: string,
  given: string,
  change: (store: Store, id: number) => Promise<Task | null>,
): Promise<Task> {
  if (!/^\d{1,15}$/.test(given))
    throw new UserError(`"${given}" is no task id. "acp tasks list" shows them.`, { exitCode: 64 });
  const task = await withStore(home, (store) => change(store, Number(given)));
  if (!task) throw new UserError(`There is no task ${given}. "acp tasks list" shows them.`, { exitCode: 1 });
  return task;
}
