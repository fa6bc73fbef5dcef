import { type FlowAttempt, type FlowWorkers, runsCommands } from "@agent-control-plane/core";

/** One for all workers: `shell` and `python` are commands, every other name is an agent's. */
export function joinWorkers({
  commands,
  agents,
}: {
  readonly commands: FlowWorkers;
  readonly agents: FlowWorkers;
}): FlowWorkers {
  const named = (worker: string) => (runsCommands(worker) ? commands : agents);
  const of = ({ task }: Pick<FlowAttempt, "task">) => named(task.spec.worker);
  return {
    refuses: (worker) => named(worker).refuses(worker),
    takes: (task, flow) => of({ task }).takes?.(task, flow) ?? {},
    async look() {
      await commands.look?.();
      await agents.look?.();
    },
    holdsOwnLease: (worker) => named(worker).holdsOwnLease?.(worker) === true,
    run: (attempt, context, stop) => of(attempt).run(attempt, context, stop),
    follow: (attempt, stop) => of(attempt).follow(attempt, stop),
    assess: (attempt, ending) => of(attempt).assess(attempt, ending),
    sweep() {
      commands.sweep();
      agents.sweep();
    },
  };
}
