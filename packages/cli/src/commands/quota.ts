import type { Command } from "commander";
import type { CliContext } from "../context.ts";
import { examples } from "../examples.ts";

interface Options {
  readonly json?: boolean;
  readonly dryRun?: boolean;
}

export function registerQuota(program: Command, context: CliContext): void {
  const quota = program.command("quota").description("limits of model providers that sessions met, and when they end");
  quota.addHelpText("before", examples(["acp quota list", "acp quota clear 'claude/claude/*/usage' --dry-run"]));

  quota
    .command("list")
    .description("the limits in force, and those that have ended and are being tried out")
    .option("--json", "one JSON document on stdout")
    .addHelpText("before", examples(["acp quota list", "acp quota list --json"]))
    .action(async (options: Options) => (await actions()).list(context, options));
  quota
    .command("clear <scope>")
    .description("take one limit back before it ends, for example after you bought more or logged in again")
    .option("--dry-run", "say what would be cleared; change nothing")
    .option("--json", "one JSON document on stdout")
    .addHelpText("before", examples(["acp quota clear 'claude/claude/*/usage'"]))
    .action(async (scope: string, options: Options) => (await actions()).clear(context, scope, options));
}

const actions = () => import("../quota/quota-actions.ts");
