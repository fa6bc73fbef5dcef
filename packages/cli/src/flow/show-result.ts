import type { CliContext } from "../context.ts";
import { flowsOf } from "./flows-of.ts";
import { exportFlow as everythingOf, flowResults } from "./library/look-at-flows.ts";

/** `acp flow result <id> [task]` */
export async function result(context: CliContext, given: string, task: string | undefined): Promise<void> {
  context.output.json(await flowResults(given, { ...flowsOf(context), ...(task === undefined ? {} : { task }) }));
}

/** `acp flow export <id>` */
export async function exportFlow(context: CliContext, given: string): Promise<void> {
  context.output.json(await everythingOf(given, flowsOf(context)));
}
