import type { Command } from "commander";
import type { CliContext } from "../context.ts";
import { examples } from "../examples.ts";
import { packageVersion } from "../version.ts";

export function registerVersion(program: Command, context: CliContext): void {
  program
    .command("version")
    .description("print the version")
    .option("--json", "with the versions it runs on")
    .addHelpText("before", examples(["acp version", "acp version --json"]))
    .action(({ json }: { json?: boolean }) => {
      const version = packageVersion();
      if (json !== true) context.output.print(version);
      else
        context.output.json({
          name: "agent-control-plane",
          version,
          node: process.versions.node,
          platform: process.platform,
        });
    });
}
