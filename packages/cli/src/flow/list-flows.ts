import type { CliContext } from "../context.ts";
import { table } from "../output.ts";
import { ago } from "../runtime/ago.ts";
import { flowsOf, type JsonOption } from "./flows-of.ts";
import { listFlows } from "./library/look-at-flows.ts";
import { endedOf } from "./progress.ts";

/** `acp flow list` */
export async function list(context: CliContext, options: JsonOption & { readonly all?: boolean }): Promise<void> {
  const flows = await listFlows({ ...flowsOf(context), all: options.all === true, limit: 500 });
  if (options.json) return context.output.json({ flows });
  if (flows.length === 0) {
    return context.output.print(options.all ? "no flows" : "no flow is under way; --all shows those that ended");
  }
  const { bold } = context.output.style;
  const rows = flows.map(({ id, name, state, reason, counts, createdAt }) => [
    ...[id, reason === null ? state : `${state} (${reason})`, `${endedOf(counts)}/${counts.total}`],
    ...[ago(context.clock.now() - createdAt), name],
  ]);
  context.output.print(table([["FLOW", "STATE", "TASKS OVER", "AGE", "NAME"].map(bold), ...rows]));
}
