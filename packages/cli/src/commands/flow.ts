import type { Command } from "commander";
import type { CliContext } from "../context.ts";
import { examples } from "../examples.ts";

export function registerFlow(program: Command, context: CliContext): void {
  const flow = program.command("flow").description("submit a graph of tasks, and let it run in the background");
  flow.addHelpText("before", examples(["acp flow run plan.yaml", "acp flow status f1abc", "acp flow wait f1abc"]));
  const add: Add = (line, description, lines) =>
    flow.command(line).description(description).addHelpText("before", examples(lines));
  addBeginning(add, context);
  addLooking(add, context);
  addChanging(add, context);
  add("work", "work flows here, until a signal; what begins or goes on starts one when no runtime runs", [
    "acp flow work",
    "acp flow work --until-idle 60",
  ])
    .option("--until-idle <seconds>", "end when no flow was under way for so long")
    .action(async ({ untilIdle }) => {
      const { givenSeconds } = await import("../flow/given-seconds.ts");
      const idleMs = untilIdle === undefined ? null : givenSeconds("--until-idle", untilIdle);
      await (await import("../flow/work-flows.ts")).workFlows(context, { idleMs });
    });
}

type Add = (line: string, description: string, lines: readonly string[]) => Command;

const json = ["--json", "one JSON document on stdout"] as const;
const noStart = ["--no-start", "start no runtime when none runs"] as const;

function addBeginning(add: Add, context: CliContext): void {
  add("run <file>", "check a plan (- for standard input), store it, print its id and go on in the background", [
    "acp flow run plan.yaml",
    "acp flow run plan.json --dry-run",
    "generate-plan | acp flow run - --wait",
  ])
    .option("--dry-run", "only check the plan")
    .option("--wait", "until it has ended, as acp flow wait")
    .option("--watch", "show what happens until it has ended, as acp flow watch")
    .option(...noStart)
    .option(...json)
    .action(async (file, options) => (await import("../flow/submit-flow.ts")).submitFlow(context, file, options));
}

function addLooking(add: Add, context: CliContext): void {
  add("list", "the flows that are under way", ["acp flow list", "acp flow list --all --json"])
    .option("--all", "those that ended, too")
    .option(...json)
    .action(async (options) => (await import("../flow/list-flows.ts")).list(context, options));
  add("status <flow>", "its graph, how each task stands, and why what does not run does not", [
    "acp flow status f1abc",
    "acp flow status f1 --full",
    "acp flow status f1abc --json",
  ])
    .option("--full", "draw every task of a large flow")
    .option(...json)
    .action(async (id, options) => (await import("../flow/show-flow.ts")).status(context, id, options));
  add("wait <flow>", "until it has ended; exit code 0 when it succeeded", ["acp flow wait f1abc --timeout 600"])
    .option("--timeout <seconds>", "at most so long; the flow goes on")
    .option(...json)
    .action(async (id, options) => (await import("../flow/wait-for-flow.ts")).wait(context, id, options));
  add("watch <flow>", "what happens in it, as it happens, until it has ended", [
    "acp flow watch f1abc",
    "acp flow watch f1abc --json | jq .type",
  ])
    .option("--json", "the lines of its outbox")
    .action(async (id, options) => (await import("../flow/watch-flow.ts")).watch(context, id, options));
  add("logs <flow> <task>", "what the last attempt of a task printed", [
    "acp flow logs f1abc build",
    "acp flow logs f1abc build --attempt 1",
    "acp flow logs f1abc build --follow",
  ])
    .option("--attempt <n>", "of this attempt")
    .option("-f, --follow", "and what it prints from now on, until it is over")
    .option(...json)
    .action(async (id, task, options) => (await import("../flow/show-attempt.ts")).logs(context, id, task, options));
  add("result <flow> [task]", "what its tasks left, as JSON", ["acp flow result f1abc", "acp flow result f1abc build"])
    .option(...json)
    .action(async (id, task) => (await import("../flow/show-result.ts")).result(context, id, task));
  add("export <flow>", "everything that is known of it, as JSON", ["acp flow export f1abc > flow.json"])
    .option(...json)
    .action(async (id) => (await import("../flow/show-result.ts")).exportFlow(context, id));
}

function addChanging(add: Add, context: CliContext): void {
  const acts = () => import("../flow/change-flow.ts");
  add("add <flow> <file>", "more tasks, YAML or JSON: one, a list, or a section tasks (- for standard input)", [
    "acp flow add f1abc more.yaml",
    "cat task.json | acp flow add f1abc -",
  ])
    .option(...noStart)
    .option(...json)
    .action(async (id, file, options) => (await acts()).add(context, id, file, options));
  add(
    "update <flow> <task> <file>",
    "change a task that has not begun: its keys, YAML or JSON (- for standard input)",
    ["acp flow update f1abc build change.yaml", "echo 'timeout: 20m' | acp flow update f1abc build -"],
  )
    .option(...json)
    .action(async (id, task, file, options) => (await acts()).update(context, id, task, file, options));
  add("pause <flow>", "begin nothing new of it; what runs goes on", ["acp flow pause f1abc"])
    .option(...json)
    .action(async (id, options) => (await acts()).pause(context, id, options));
  add("resume <flow>", "go on after a pause", ["acp flow resume f1abc"])
    .option(...noStart)
    .option(...json)
    .action(async (id, options) => (await acts()).resume(context, id, options));
  add("cancel <flow> [task]", "end it, or one task of it", [
    "acp flow cancel f1abc --dry-run",
    "acp flow cancel f1abc --drain",
    "acp flow cancel f1abc build",
  ])
    .option("--drain", "what runs may end")
    .option("--dry-run", "say what would be stopped, and what would never begin")
    .option(...json)
    .action(async (id, task, options) => (await acts()).cancel(context, id, task, options));
  add("retry <flow> <task>", "a task that failed, and what was skipped because of it; a flow that ended goes on", [
    "acp flow retry f1abc build",
  ])
    .option(...noStart)
    .option(...json)
    .action(async (id, task, options) => (await acts()).retry(context, id, task, options));
  add("decide <ref>", "answer a question that holds a task", [
    "acp flow decide d1abc --answer retry",
    'acp flow decide d1abc --answer retry --comment "use the other server"',
  ])
    .requiredOption("--answer <answer>", "one of those that the question names")
    .option("--comment <text>", "told to what is done next")
    .option(...noStart)
    .option(...json)
    .action(async (ref, options) => (await acts()).decide(context, ref, options));
}
