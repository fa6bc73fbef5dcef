import type { Command } from "commander";
import type { CliContext } from "../context.ts";
import { examples } from "../examples.ts";

interface Options {
  readonly json?: boolean;
  readonly dryRun?: boolean;
  readonly channel?: string;
}

export function registerNotify(program: Command, context: CliContext): void {
  const notify = program
    .command("notify")
    .description("what people are told of, by desktop, webhook or command, and what they were told");
  notify.addHelpText("before", examples(["acp notify list", "acp notify test --dry-run"]));

  notify
    .command("list")
    .description("the channels, what is not well now and who was told, and the last messages; never writes")
    .option("--json", "one JSON document on stdout")
    .addHelpText("before", examples(["acp notify list", "acp notify list --json"]))
    .action(async (options: Options) => {
      const { listNotifications } = await import("../notifications/list-notifications.ts");
      return listNotifications(context, options);
    });
  notify
    .command("test")
    .description(
      "send a test message to each channel from here, and say what became of it; exit code 1 when one failed",
    )
    .option("--channel <name>", "this one alone, as acp notify list names it")
    .option("--dry-run", "show the message and where it would go; send nothing")
    .option("--json", "one JSON document on stdout")
    .addHelpText(
      "before",
      examples(["acp notify test --dry-run", "acp notify test", "acp notify test --channel host/webhook"]),
    )
    .action(async (options: Options) => {
      const { testChannels } = await import("../notifications/test-channels.ts");
      return testChannels(context, options);
    });
}
