import { type Command, Option } from "commander";
import type { CliContext } from "../context.ts";
import { examples } from "../examples.ts";
import { operatorCommand } from "../operator/operator-command.ts";

export function registerIssue(program: Command, context: CliContext): void {
  const issue = program
    .command("issue")
    .description("issues of the profile's repository, on GitHub or the local forge");
  issue.addHelpText(
    "before",
    examples(['acp issue create --title "Fix the sum" --label agent-ready', "acp issue list", "acp issue view 3"]),
  );
  operatorCommand(issue, "create", "open an issue", [
    'acp issue create --title "Fix the sum" --body "sum(1, 2) is 4" --label agent-ready',
  ])
    .requiredOption("--title <text>", "its title")
    .option("--body <text>", "its text", "")
    .option("--label <name...>", "labels to set")
    .action(async (options) => (await actions()).create(context, options));
  operatorCommand(issue, "list", "issues, newest first", [
    "acp issue list",
    "acp issue list --state all --label agent-ready --json",
  ])
    .addOption(new Option("--state <state>", "which").choices(["open", "closed", "all"]).default("open"))
    .option("--label <name>", "only with this label")
    .option("--limit <count>", "at most", "100")
    .action(async (options) => (await actions()).list(context, options));
  operatorCommand(issue, "view <number>", "one issue with its comments", ["acp issue view 3"]).action(
    async (number, options) => (await actions()).view(context, number, options),
  );
  operatorCommand(issue, "comment <number>", "say something", ['acp issue comment 3 --body "please also cover zero"'])
    .requiredOption("--body <text>", "the text")
    .action(async (number, options) => (await actions()).comment(context, number, options));
  operatorCommand(issue, "label <number>", "set and take off labels", [
    "acp issue label 3 --add agent-ready",
    "acp issue label 3 --remove agent-hold",
  ])
    .option("--add <name...>", "labels to set")
    .option("--remove <name...>", "labels to take off")
    .action(async (number, options) => (await actions()).label(context, number, options));
  operatorCommand(issue, "close <number>", "close an issue", [
    "acp issue close 3",
    "acp issue close 3 --reason not_planned",
  ])
    .addOption(new Option("--reason <reason>", "why").choices(["completed", "not_planned"]).default("completed"))
    .action(async (number, options) => (await actions()).close(context, number, options));
}

const actions = () => import("../operator/issue-actions.ts");
