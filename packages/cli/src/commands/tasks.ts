import type { Command } from "commander";
import type { CliContext } from "../context.ts";
import { examples } from "../examples.ts";

interface Options {
  readonly profileId?: string;
  readonly json?: boolean;
}

export function registerTasks(program: Command, context: CliContext): void {
  const tasks = program.command("tasks").description("the queue: what waits, runs and gave up");
  tasks.addHelpText("before", examples(["acp tasks list", "acp tasks cancel 12", "acp tasks replay 12"]));
  tasks
    .command("list")
    .description("live tasks and dead letters")
    .option("--profile-id <id>", "only this profile")
    .option("--json", "one JSON document on stdout")
    .addHelpText("before", examples(["acp tasks list --json"]))
    .action(async (options: Options) => (await actions()).list(context, options));
  tasks
    .command("cancel <id>")
    .description("cancel a task; a running one is asked to stop")
    .option("--json", "one JSON document on stdout")
    .addHelpText("before", examples(["acp tasks cancel 12"]))
    .action(async (id: string, options: Options) => (await actions()).cancel(context, id, options));
  tasks
    .command("replay <id>")
    .description("give a dead letter new attempts")
    .option("--json", "one JSON document on stdout")
    .addHelpText("before", examples(["acp tasks replay 12"]))
    .action(async (id: string, options: Options) => (await actions()).replay(context, id, options));
}

const actions = () => import("../tasks/task-actions.ts");
