import type { Command } from "commander";
import type { CliContext } from "../context.ts";
import { examples } from "../examples.ts";

interface Options {
  readonly json?: boolean;
  readonly dryRun?: boolean;
}

export function registerStore(program: Command, context: CliContext): void {
  const store = program.command("store").description("the durable state on disk: is it whole, how large is it");
  store.addHelpText("before", examples(["acp store check", "acp store prune --dry-run", "acp store compact"]));

  store
    .command("check")
    .description(
      "compare the tables with the log and with each other; changes nothing, exit code 1 when something is wrong",
    )
    .option("--json", "one JSON document on stdout")
    .addHelpText("before", examples(["acp store check", "acp store check --json"]))
    .action(async (options: Options) => (await import("../store/check-store.ts")).checkStore(context, options));
  store
    .command("prune")
    .description("remove what is older than the limits of host.yaml now, from the store and from the disk")
    .option("--dry-run", "say what would go and why, and remove nothing")
    .option("--json", "one JSON document on stdout")
    .addHelpText("before", examples(["acp store prune --dry-run", "acp store prune"]))
    .action(async (options: Options) =>
      (await import("../store/compact-store.ts")).compactStore(context, { ...options, gives: false }),
    );
  store
    .command("compact")
    .description("prune, and give the space that became free in the store back to the disk")
    .option("--dry-run", "say what would go and why, and remove nothing")
    .option("--json", "one JSON document on stdout")
    .addHelpText("before", examples(["acp store compact --dry-run", "acp store compact"]))
    .action(async (options: Options) => (await import("../store/compact-store.ts")).compactStore(context, options));
}
