import { type Command, Option } from "commander";
import type { CliContext } from "../context.ts";
import type { DoctorOptions } from "../doctor/doctor.ts";
import { examples } from "../examples.ts";

export function registerDoctor(program: Command, context: CliContext): void {
  program
    .command("doctor")
    .description(
      "test programs, profiles, backends, forge, store, processes and disk, and say how to put right what is not well; exit code 1 then",
    )
    .addOption(new Option("--profile-id <id>", "only this profile, and what all share").conflicts("all"))
    .addOption(new Option("--all", "every installed profile (the default)"))
    .addOption(new Option("--fix", "put right what is safe to, and say what was done and what was not"))
    .addOption(new Option("--dry-run", "with --fix: say what it would do, and change nothing"))
    .addOption(new Option("--json", "one JSON document on stdout"))
    .addHelpText(
      "before",
      examples(["acp doctor", "acp doctor --profile-id web --json", "acp doctor --fix --dry-run", "acp doctor --fix"]),
    )
    .action(async (options: DoctorOptions) => (await import("../doctor/doctor.ts")).doctor(context, options));
}
