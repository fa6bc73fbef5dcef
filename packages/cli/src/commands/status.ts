import { type Command, Option } from "commander";
import type { CliContext } from "../context.ts";
import { examples } from "../examples.ts";
import type { RuntimeOptions } from "../runtime/runtime-options.ts";

export const registerStatus = (program: Command, context: CliContext): void =>
  addStatus(program, context, "acp status");

/** The same command at two places: `acp status` and `acp runtime status`. */
export function addStatus(parent: Command, context: CliContext, name: string): void {
  parent
    .command("status")
    .description("what runs and what waits, and why; never writes")
    .addOption(new Option("--profile-id <id>", "which profile").conflicts("all"))
    .addOption(new Option("--all", "every installed profile"))
    .addOption(new Option("--watch", "go on, live: the whole screen of a terminal, else a line for each change"))
    .addOption(new Option("--check", "exit code 1 unless every profile is served by a live daemon").conflicts("watch"))
    .addOption(
      new Option("--disk", "instead: what takes how much space, since when, and what bounds it").conflicts("watch"),
    )
    .addOption(new Option("--json", "one JSON document on stdout; with --watch one a line, for each change"))
    .addHelpText("before", examples([name, `${name} --watch`, `${name} --profile-id web --json`, `${name} --disk`]))
    .action(async (options: RuntimeOptions) => {
      if (options.watch) return (await import("../terminal/watch-status.ts")).watchStatus(context, options);
      if (options.disk) return (await import("../retention/show-disk.ts")).showDisk(context, options);
      return (await import("../runtime/show-status.ts")).showStatus(context, options);
    });
}
