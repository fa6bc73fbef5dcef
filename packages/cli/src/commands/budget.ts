import type { Command } from "commander";
import type { CliContext } from "../context.ts";
import { examples } from "../examples.ts";

interface Options {
  readonly profileId?: string;
  readonly json?: boolean;
  readonly usd?: string;
  readonly tokens?: string;
  readonly reason: string;
  readonly day?: boolean;
}

export function registerBudget(program: Command, context: CliContext): void {
  const budget = program.command("budget").description("what sessions spend, and the limits that park an item");
  budget.addHelpText(
    "before",
    examples(["acp budget show", "acp budget show 12 --json", "acp budget raise 12 --usd 5"]),
  );

  budget
    .command("show [item]")
    .description("what was spent today and on each item; of one issue or pull request: everything known of it")
    .option("--profile-id <id>", "which profile")
    .option("--json", "one JSON document on stdout")
    .addHelpText("before", examples(["acp budget show", "acp budget show 12", "acp budget show 12 --json"]))
    .action(async (item: string | undefined, options: Options) => (await actions()).show(context, item, options));

  budget
    .command("raise [item]")
    .description(
      "let an issue or pull request, or with --day the whole profile until its day ends, spend more, counted from now: " +
        "the profile's limit again, or as named",
    )
    .option("--day", "the profile's day, and no item")
    .option("--profile-id <id>", "which profile")
    .option("--usd <amount>", "as many US dollars more")
    .option("--tokens <count>", "as many tokens more")
    .option("--reason <text>", "why, for the log", "")
    .option("--json", "one JSON document on stdout")
    .addHelpText(
      "before",
      examples(["acp budget raise 12", "acp budget raise '#12' --usd 5 --tokens 20000000", "acp budget raise --day"]),
    )
    .action(async (item: string | undefined, options: Options) => (await actions()).raise(context, item, options));
}

const actions = () => import("../budget/budget-actions.ts");
