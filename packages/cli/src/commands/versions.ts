import { type Command, Option } from "commander";
import type { CliContext } from "../context.ts";
import { examples } from "../examples.ts";

interface Options {
  readonly json?: boolean;
  readonly dryRun?: boolean;
  readonly to?: string;
  readonly restoreStore?: boolean;
}

export function registerVersions(program: Command, context: CliContext): void {
  program
    .command("sync")
    .alias("install")
    .description("copy this version into the runtime home and make it the current one, which services start")
    .addOption(dryRun("say what it would do, and write nothing"))
    .addOption(jsonOption())
    .addHelpText("before", examples(["npx agent-control-plane@latest sync", "acp sync --dry-run", "acp sync --json"]))
    .action(async (options: Options) => (await acts()).sync(context, options));

  const versions = program
    .command("versions")
    .description("the versions in the runtime home")
    .addHelpText("before", examples(["acp versions list", "acp versions prune --dry-run"]));
  versions
    .command("list", { isDefault: true })
    .description("every installed version: which is current, what a rollback goes back to, the Node it is for")
    .addOption(jsonOption())
    .addHelpText("before", examples(["acp versions", "acp versions list --json"]))
    .action(async (options: Options) => (await acts()).list(context, options));
  versions
    .command("prune")
    .description("remove versions but the current one, the one before, and those that a process runs from")
    .addOption(dryRun("say what would be removed, and remove nothing"))
    .addOption(jsonOption())
    .addHelpText("before", examples(["acp versions prune --dry-run", "acp versions prune"]))
    .action(async (options: Options) => (await acts()).prune(context, options));

  program
    .command("rollback")
    .description("make the version before the current one again, or another that is installed")
    .option("--to <version>", "which; the default is the one that was current before")
    .option("--restore-store", "where it does not know the store's schema: go back to the copy from before the upgrade")
    .addOption(dryRun("say what it would do, and change nothing"))
    .addOption(jsonOption())
    .addHelpText("before", examples(["acp rollback --dry-run", "acp rollback", "acp rollback --to 0.1.0"]))
    .action(async (options: Options) => (await acts()).rollback(context, options));
}

const acts = () => import("../versions/version-acts.ts");
const dryRun = (text: string) => new Option("--dry-run", text);
const jsonOption = () => new Option("--json", "one JSON document on stdout");
