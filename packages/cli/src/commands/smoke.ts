import type { Command } from "commander";
import type { CliContext } from "../context.ts";
import { examples } from "../examples.ts";

export function registerSmoke(program: Command, context: CliContext): void {
  program
    .command("smoke")
    .description(
      "does this installation work? One issue from label to pull request, in a folder that is gone afterwards",
    )
    .option("--json", "one JSON document on stdout; progress goes to stderr")
    .addHelpText("before", examples(["acp smoke", "acp smoke --json"]))
    .action(async (options: { json?: boolean }) => (await import("../smoke/run-smoke.ts")).runSmoke(context, options));
}
