import { type Command, Option } from "commander";
import type { CheckBackendsOptions } from "../backends/check-backends.ts";
import type { CliContext } from "../context.ts";
import { examples } from "../examples.ts";

export function registerBackends(program: Command, context: CliContext): void {
  const backends = program
    .command("backends")
    .description("the programs of agents: are they there, are they logged in");
  backends.addHelpText("before", examples(["acp backends check", "acp backends check claude --json"]));

  backends
    .command("check")
    .argument("[name]", "one of them; otherwise all")
    .description(
      "what a session would find here, without a request to a model; exit code 1 when one that is used cannot work",
    )
    .addOption(new Option("--profile-id <id>", "which profile's settings and variables"))
    .addOption(new Option("--json", "one JSON document on stdout"))
    .addHelpText("before", examples(["acp backends check", "acp backends check codex --profile-id web"]))
    .action(async (name: string | undefined, options: CheckBackendsOptions) =>
      (await import("../backends/check-backends.ts")).checkBackends(context, name, options),
    );
}
