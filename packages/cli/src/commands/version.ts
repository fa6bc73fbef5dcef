import type { Command } from "commander";
import type { CliContext } from "../context.ts";
import { examples } from "../examples.ts";
import { packageVersion } from "../version.ts";

export function registerVersion(program: Command, context: CliContext): void {
  program
    .command("version")
    .description("print the version")
    .option("--json", "with what it runs on, where it lies, and the schema version of stores it works with")
    .addHelpText("before", examples(["acp version", "acp version --json"]))
    .action(async ({ json }: { json?: boolean }) => {
      if (json !== true) return context.output.print(packageVersion());
      const { describeProgram } = await import("../versions/describe-program.ts");
      context.output.json(describeProgram(context));
    });
}
