import type { Command } from "commander";
import type { CliContext } from "../context.ts";
import { examples } from "../examples.ts";

interface Options {
  readonly profileId?: string;
  readonly json?: boolean;
  readonly all?: boolean;
  readonly follow?: boolean;
  readonly raw?: boolean;
  readonly stat?: boolean;
}

export function registerSessions(program: Command, context: CliContext): void {
  const sessions = program.command("sessions").description("look at sessions, follow them, stop them");
  sessions.addHelpText(
    "before",
    examples(["acp sessions list", "acp sessions logs s12-0a1b2c3d -f", "acp sessions stop s12-0a1b2c3d"]),
  );

  sessions
    .command("list")
    .description("sessions under way; with --all also the concluded ones, newest last")
    .option("--profile-id <id>", "only this profile")
    .option("--all", "concluded ones too")
    .option("--json", "one JSON document on stdout")
    .addHelpText("before", examples(["acp sessions list", "acp sessions list --all --json"]))
    .action(async (options: Options) => (await actions()).list(context, options));

  sessions
    .command("show <session>")
    .description("everything known of one session")
    .option("--json", "one JSON document on stdout")
    .addHelpText("before", examples(["acp sessions show s12-0a1b2c3d --json"]))
    .action(async (id: string, options: Options) => (await actions()).show(context, id, options));

  sessions
    .command("diff <session>")
    .description("what its work changes, as it was recorded: also when nothing was pushed and the worktree is gone")
    .option("--stat", "the files and their counts of lines only")
    .option("--json", "one JSON document on stdout")
    .addHelpText("before", examples(["acp sessions diff s12-0a1b2c3d", "acp sessions diff s12-0a1b2c3d --stat"]))
    .action(async (id: string, options: Options) =>
      (await import("../sessions/diff-session.ts")).diff(context, id, options),
    );

  sessions
    .command("logs <session>")
    .description("what the session did, event by event; --raw for its plain output")
    .option("-f, --follow", "go on until the session ends")
    .option("--raw", "the program's own output")
    .option("--json", "one JSON object a line")
    .addHelpText("before", examples(["acp sessions logs s12-0a1b2c3d -f", "acp sessions logs s12-0a1b2c3d --raw"]))
    .action(async (id: string, options: Options) => (await actions()).logs(context, id, options));

  sessions
    .command("stop <session>")
    .description("cancel its task and end its processes; its unsaved work is kept under a rescue ref")
    .option("--json", "one JSON document on stdout")
    .addHelpText("before", examples(["acp sessions stop s12-0a1b2c3d"]))
    .action(async (id: string, options: Options) => (await actions()).stop(context, id, options));
}

const actions = () => import("../sessions/session-actions.ts");
