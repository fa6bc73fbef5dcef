import type { Command } from "commander";
import type { CliContext } from "../context.ts";
import { examples } from "../examples.ts";

export function registerFlow(program: Command, context: CliContext): void {
  const flow = program.command("flow").description("submit a graph of tasks, and let it run in the background");
  flow.addHelpText("before", examples(["acp flow run plan.yaml", "acp flow status f1abc", "acp flow wait f1abc"]));
  const add = (line: string, description: string, lines: readonly string[]) =>
    flow.command(line).description(description).addHelpText("before", examples(lines));
  const json = ["--json", "one JSON document on stdout"] as const;
  add("run <file>", "check a plan (- for standard input), store it, print its id and go on in the background", [
    "acp flow run plan.yaml",
    "acp flow run plan.json --dry-run",
  ])
    .option("--dry-run", "only check the plan")
    .option("--no-start", "start no runtime when none runs")
    .option(...json)
    .action(async (file, options) => (await import("../flow/submit-flow.ts")).submitFlow(context, file, options));
  add("list", "the flows that are under way", ["acp flow list", "acp flow list --all --json"])
    .option("--all", "those that ended, too")
    .option(...json)
    .action(async (options) => (await acts()).list(context, options));
  add("status <flow>", "its tasks, how they stand and why", ["acp flow status f1abc --json"])
    .option(...json)
    .action(async (id, options) => (await acts()).status(context, id, options));
  add("wait <flow>", "until it has ended; exit code 0 when it succeeded", ["acp flow wait f1abc --timeout 600"])
    .option("--timeout <seconds>", "at most so long; the flow goes on")
    .option(...json)
    .action(async (id, options) => (await acts()).wait(context, id, options));
  add("watch <flow>", "what happens in it, as it happens, until it has ended", ["acp flow watch f1abc"])
    .option("--json", "the lines of its outbox")
    .action(async (id, options) => (await acts()).watch(context, id, options));
  add("logs <flow> <task>", "what the last attempt of a task printed", ["acp flow logs f1abc build"]).action(
    async (id, task) => (await acts()).logs(context, id, task),
  );
  add("result <flow> [task]", "what its tasks left, as JSON", ["acp flow result f1abc", "acp flow result f1abc build"])
    .option(...json)
    .action(async (id, task) => (await acts()).result(context, id, task));
  add("export <flow>", "everything that is known of it, as JSON", ["acp flow export f1abc > flow.json"])
    .option(...json)
    .action(async (id) => (await acts()).exportFlow(context, id));
  add("add <flow> <file>", "one more task: a JSON object (- for standard input)", ["acp flow add f1abc task.json"])
    .option(...json)
    .action(async (id, file, options) => (await acts()).add(context, id, file, options));
  add("update <flow> <task> <file>", "change a task that has not begun: a JSON object (- for standard input)", [
    "acp flow update f1abc build change.json",
    'echo \'{"timeout": "20m"}\' | acp flow update f1abc build -',
  ])
    .option(...json)
    .action(async (id, task, file, options) => (await acts()).update(context, id, task, file, options));
  add("pause <flow>", "begin nothing new of it; what runs goes on", ["acp flow pause f1abc"])
    .option(...json)
    .action(async (id, options) => (await acts()).change(context, "pause", id, options));
  add("resume <flow>", "go on after a pause", ["acp flow resume f1abc"])
    .option(...json)
    .action(async (id, options) => (await acts()).change(context, "resume", id, options));
  add("cancel <flow> [task]", "end it, or one task of it", ["acp flow cancel f1abc", "acp flow cancel f1abc build"])
    .option(...json)
    .action(async (id, task, options) =>
      task === undefined
        ? (await acts()).change(context, "cancel", id, options)
        : (await acts()).cancelTask(context, id, task, options),
    );
  add("retry <flow> <task>", "a task that failed, and what was skipped because of it", ["acp flow retry f1abc build"])
    .option(...json)
    .action(async (id, task, options) => (await acts()).retry(context, id, task, options));
  add("decide <ref>", "answer a question that holds a task", ["acp flow decide d1abc --answer retry"])
    .requiredOption("--answer <answer>", "one of those that the question names")
    .option(...json)
    .action(async (ref, options) => (await acts()).decide(context, ref, options));
  add("work", "work flows here, until a signal; `flow run` starts one when no runtime runs", ["acp flow work"])
    .option("--until-idle <seconds>", "end when no flow was under way for so long")
    .action(async ({ untilIdle }) => {
      const { workFlows } = await import("../flow/work-flows.ts");
      await workFlows(context, { idleMs: untilIdle === undefined ? null : Number(untilIdle) * 1000 });
    });
}

const acts = () => import("../flow/flow-acts.ts");
