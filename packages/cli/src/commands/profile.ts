import { type Command, Option } from "commander";
import type { CliContext } from "../context.ts";
import { examples } from "../examples.ts";
import { listProfiles } from "../profile/list-profiles.ts";
import type { ProfileOptions } from "../profile/profile-options.ts";
import { showProfile } from "../profile/show-profile.ts";
import { validateProfiles } from "../profile/validate-profiles.ts";

export function registerProfile(program: Command, context: CliContext): void {
  const profile = program.command("profile").description("look at the installed profiles");
  profile.addHelpText("before", examples(["acp profile list", "acp profile validate --json"]));

  profile
    .command("list")
    .description("every installed profile, also the broken ones")
    .addOption(jsonOption())
    .addHelpText("before", examples(["acp profile list", "acp profile list --json"]))
    .action((options: ProfileOptions) => listProfiles(context, options));

  profile
    .command("show")
    .description("every value in force and where it comes from")
    .addOption(idOption())
    .addOption(jsonOption())
    .addHelpText("before", examples(["acp profile show --profile-id web", "acp profile show --profile-id web --json"]))
    .action((options: ProfileOptions) => showProfile(context, options));

  profile
    .command("validate")
    .description("all problems of one profile, or of all of them, at once; exit code 2 when there are any")
    .addOption(idOption())
    .addOption(jsonOption())
    .addHelpText("before", examples(["acp profile validate", "acp profile validate --profile-id web"]))
    .action((options: ProfileOptions) => validateProfiles(context, options));
}

const idOption = () => new Option("--profile-id <id>", "which profile");
const jsonOption = () => new Option("--json", "one JSON document on stdout");
