import { type Command, Option } from "commander";
import type { CliContext } from "../context.ts";
import { examples } from "../examples.ts";
import { operatorCommand } from "../operator/operator-command.ts";

export function registerPr(program: Command, context: CliContext): void {
  const pr = program
    .command("pr")
    .description("pull requests of the profile's repository, on GitHub or the local forge");
  pr.addHelpText("before", examples(["acp pr list", "acp pr diff 4", "acp pr merge 4"]));
  operatorCommand(pr, "list", "pull requests, newest first", ["acp pr list", "acp pr list --state all --json"])
    .addOption(new Option("--state <state>", "which").choices(["open", "closed", "all"]).default("open"))
    .option("--limit <count>", "at most", "100")
    .action(async (options) => (await actions()).list(context, options));
  operatorCommand(pr, "view <number>", "one pull request with its comments", ["acp pr view 4"]).action(
    async (number, options) => (await actions()).view(context, number, options),
  );
  operatorCommand(pr, "diff <number>", "what it changes", ["acp pr diff 4"]).action(async (number, options) =>
    (await actions()).diff(context, number, options),
  );
  operatorCommand(pr, "review <number>", "review it", [
    "acp pr review 4 --approve",
    'acp pr review 4 --request-changes --body "please add a test"',
  ])
    .addOption(new Option("--approve", "approve it").conflicts(["requestChanges", "comment"]))
    .addOption(new Option("--request-changes", "ask for changes").conflicts(["approve", "comment"]))
    .addOption(new Option("--comment", "only say something").conflicts(["approve", "requestChanges"]))
    .option("--body <text>", "what to say", "")
    .action(async (number, options) => (await actions()).review(context, number, options));
  operatorCommand(pr, "merge <number>", "merge exactly the head that is there now, or the one named", [
    "acp pr merge 4",
    "acp pr merge 4 --method squash --dry-run",
  ])
    .addOption(
      new Option("--method <method>", "how; else as the profile's merge.method says").choices([
        "merge",
        "squash",
        "rebase",
      ]),
    )
    .option("--sha <commit>", "only while the head is this commit")
    .option("--dry-run", "say what would be merged, merge nothing")
    .action(async (number, options) => (await actions()).merge(context, number, options));
}

const actions = () => import("../operator/pr-actions.ts");
