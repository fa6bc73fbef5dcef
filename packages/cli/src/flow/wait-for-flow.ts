import type { CliContext } from "../context.ts";
import { flowsOf, type JsonOption } from "./flows-of.ts";
import { givenSeconds } from "./given-seconds.ts";
import { leavingItAlone } from "./leaving-it-alone.ts";
import { waitForFlow } from "./library/follow-flow.ts";

/** `acp flow wait <id>`: exit code 0 when it succeeded, 1 when it did not, or was not over in time. */
export async function wait(
  context: CliContext,
  given: string,
  options: JsonOption & { readonly timeout?: string },
): Promise<void> {
  const limit = options.timeout === undefined ? {} : { timeoutMs: givenSeconds("--timeout", options.timeout) };
  const flow = await leavingItAlone(context, given, (signal) =>
    waitForFlow(given, { ...flowsOf(context), ...limit, signal }),
  );
  if (flow.state !== "succeeded") context.exitWith(1);
  if (options.json) return context.output.json({ flow });
  context.output.print(`${flow.id} ${flow.state}${flow.reason === null ? "" : ` (${flow.reason})`}`);
}
