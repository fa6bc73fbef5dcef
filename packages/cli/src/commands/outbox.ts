import type { Command } from "commander";
import type { CliContext } from "../context.ts";
import { examples } from "../examples.ts";

interface Options {
  readonly profileId?: string;
  readonly all?: boolean;
  readonly json?: boolean;
  readonly reason?: string;
  readonly allFailed?: boolean;
  readonly dryRun?: boolean;
}

export function registerOutbox(program: Command, context: CliContext): void {
  const outbox = program.command("outbox").description("what is written to the forge: what waits, failed or was sent");
  outbox.addHelpText(
    "before",
    examples([
      "acp outbox list",
      "acp outbox show 17",
      "acp outbox retry 17",
      "acp outbox drop 17 --reason 'done by hand'",
    ]),
  );

  outbox
    .command("list")
    .description("pending and failed writes, and what they wait for; with --all also those that were sent or dropped")
    .option("--profile-id <id>", "only this profile")
    .option("--all", "sent and dropped ones too")
    .option("--json", "one JSON document on stdout")
    .addHelpText("before", examples(["acp outbox list", "acp outbox list --all --json"]))
    .action(async (options: Options) => (await actions()).list(context, options));
  outbox
    .command("show <id>")
    .description("one write, whole: its text, its history, what it needs and what it waits for")
    .option("--json", "one JSON document on stdout")
    .addHelpText("before", examples(["acp outbox show 17", "acp outbox show 17 --json"]))
    .action(async (id: string, options: Options) => (await actions()).show(context, id, options));
  outbox
    .command("retry [id]")
    .description(
      "try a failed or waiting write again now, and what failed with it; it is looked for on the forge first, so it is never made twice",
    )
    .option("--all-failed", "all that failed, but for what is held back or stale")
    .option("--profile-id <id>", "with --all-failed: only this profile")
    .option("--json", "one JSON document on stdout")
    .addHelpText("before", examples(["acp outbox retry 17", "acp outbox retry --all-failed"]))
    .action(async (id: string | undefined, options: Options) => (await actions()).retry(context, id, options));
  outbox
    .command("drop <id>")
    .description("never send this write; the log keeps who said so and why")
    .option("--reason <text>", "why, for the log; needed unless with --dry-run")
    .option("--dry-run", "say what would be dropped, and what would fail with it; change nothing")
    .option("--json", "one JSON document on stdout")
    .addHelpText(
      "before",
      examples(["acp outbox drop 17 --reason 'commented by hand'", "acp outbox drop 17 --dry-run"]),
    )
    .action(async (id: string, options: Options) => (await actions()).drop(context, id, options));
  outbox
    .command("flush")
    .description("deliver what is due, now")
    .option("--profile-id <id>", "which profile")
    .option("--json", "one JSON document on stdout")
    .addHelpText("before", examples(["acp outbox flush --profile-id web"]))
    .action(async (options: Options) => (await actions()).flush(context, options));
}

const actions = () => import("../outbox/outbox-actions.ts");
