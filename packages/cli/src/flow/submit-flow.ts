import type { CliContext } from "../context.ts";
import { counted } from "../counted.ts";
import { flowsOf } from "./flows-of.ts";
import { checkPlan, storePlan } from "./library/submit-plan.ts";
import { readGiven } from "./read-given.ts";

export interface RunOptions {
  readonly json?: boolean;
  readonly dryRun?: boolean;
  /** False: nothing is started. */
  readonly start?: boolean;
  readonly wait?: boolean;
  readonly watch?: boolean;
}

/** `acp flow run`: reads, checks, stores, and leaves it to a runtime. */
export async function submitFlow(context: CliContext, file: string, options: RunOptions): Promise<void> {
  const { text, shown, cwd } = await readGiven(context, file);
  const plan = await checkPlan(text, { cwd, file: shown });
  const { json, start } = options;
  if (options.dryRun) {
    if (json) return context.output.json({ plan, dryRun: true });
    return context.output.print(`the plan "${plan.name}" is well: ${counted(plan.tasks.length, "task")}`);
  }
  const submitted = await storePlan(plan, { ...flowsOf(context), ...(start === undefined ? {} : { start }) });
  const { flow } = submitted;
  if (options.watch || options.wait) {
    context.output.note(`flow ${flow} was submitted`);
    if (options.watch) return (await import("./watch-flow.ts")).watch(context, flow, options);
    return (await import("./wait-for-flow.ts")).wait(context, flow, options);
  }
  if (json) context.output.json(submitted);
  else context.output.print(flow);
}
