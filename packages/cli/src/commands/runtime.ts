import { type Command, Option } from "commander";
import type { CliContext } from "../context.ts";
import { examples } from "../examples.ts";
import type { LogOptions } from "../log/show-log.ts";
import type { RuntimeOptions } from "../runtime/runtime-options.ts";
import { addStatus } from "./status.ts";

export function registerRuntime(program: Command, context: CliContext): void {
  const runtime = program.command("runtime").description("start, stop and look at the scheduler");
  runtime.addHelpText(
    "before",
    examples([
      "acp runtime start --profile-id web",
      "acp runtime status --all --json",
      "acp runtime stop --profile-id web",
    ]),
  );

  add(runtime, "run", "run the scheduler here, until a signal; services use this", [
    "acp runtime run --all",
    "acp runtime run --all --log-file",
  ])
    .option("--log-file", "write the log to logs/runtime.log, which is rotated, and not to the terminal")
    .action(async (options: RuntimeOptions) => (await acts()).run(context, options));
  add(runtime, "start", "start it in the background; returns when it is ready, or says why not", [
    "acp runtime start --profile-id web",
    "acp runtime start --all",
  ]).action(async (options: RuntimeOptions) => (await acts()).start(context, options));
  add(runtime, "stop", "let sessions end, then end them, and prove that nothing is left", [
    "acp runtime stop --profile-id web",
    "acp runtime stop --all --keep-sessions",
  ])
    .option("--keep-sessions", "leave live sessions to the next runtime")
    .action(async (options: RuntimeOptions) => (await acts()).stop(context, options));
  add(runtime, "restart", "stop and start; live sessions go on and are adopted", [
    "acp runtime restart --profile-id web",
  ]).action(async (options: RuntimeOptions) => (await acts()).restart(context, options));
  addStatus(runtime, context, "acp runtime status");
  runtime
    .command("logs")
    .description("what the daemons of this home did and met, as they wrote it down; the newest lines, in time's order")
    .option("-f, --follow", "go on with lines to come, until Ctrl-C")
    .option("--level <level>", "this one and worse: debug, info, warn or error", "info")
    .option("--since <when>", "not older than this: 30m, 2h, 3d, or a time")
    .option("--last <count>", "at most so many to begin with", "200")
    .option("--profile-id <id>", "only lines that name this profile")
    .option("--json", "the lines themselves, one JSON object each")
    .addHelpText(
      "before",
      examples(["acp runtime logs --follow", "acp runtime logs --level warn --since 2h", "acp runtime logs --json"]),
    )
    .action(async (options: LogOptions) => (await import("../log/show-log.ts")).showLog(context, options));
  add(runtime, "pause", "start nothing new until it is resumed; what runs goes on", [
    'acp runtime pause --profile-id web --reason "release week"',
    "acp runtime pause --all",
  ])
    .option("--reason <text>", "why, for whoever asks; on a repeat it replaces the reason")
    .action(async (options: RuntimeOptions) => (await acts()).pause(context, options));
  add(runtime, "resume", "take a pause off", [
    "acp runtime resume --profile-id web",
    "acp runtime resume --all",
  ]).action(async (options: RuntimeOptions) => (await acts()).resume(context, options));
  add(runtime, "refresh", "ask the runtime to look now, in place of at its next tick", [
    "acp runtime refresh --profile-id web",
    "acp runtime refresh --all --json",
  ]).action(async (options: RuntimeOptions) => (await acts()).refresh(context, options));
  add(runtime, "tick", "one pass of the scheduler, here and now", [
    "acp runtime tick --profile-id web --json",
    "acp runtime tick --all --dry-run --explain",
  ])
    .option("--dry-run", "say what it would do, and do nothing")
    .addOption(new Option("--explain", "with --dry-run: of each item what would let it go").implies({ dryRun: true }))
    .action(async (options: RuntimeOptions) => (await acts()).singleTick(context, options));
}

/** The others only look at, or speak to, what one of these started. */
const startsOne: ReadonlySet<string> = new Set(["run", "start", "restart"]);

const add = (parent: Command, name: string, description: string, lines: readonly string[]): Command =>
  parent
    .command(name)
    .description(description)
    .addOption(new Option("--profile-id <id>", "which profile").conflicts("all"))
    .addOption(
      new Option("--all", startsOne.has(name) ? "every installed profile, in one process" : "every installed profile"),
    )
    .addOption(
      new Option("--json", "one JSON document on stdout").hideHelp(name === "run"), // which has none: it goes on
    )
    .addHelpText("before", examples(lines));

const acts = () => import("../runtime/runtime-acts.ts");
