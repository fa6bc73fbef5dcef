import { type Command, Option } from "commander";
import type { CliContext } from "../context.ts";
import { examples } from "../examples.ts";
import { addReferenceFlags, toldOfReferenceFlags } from "../migrate/reference-flags.ts";
import type { AdoptOptions } from "../profile/adopt-profile.ts";
import { listProfiles } from "../profile/list-profiles.ts";
import type { ExportOptions, ImportOptions } from "../profile/move-profile.ts";
import type { ProfileOptions } from "../profile/profile-options.ts";
import type { RemoveOptions } from "../profile/remove-profile.ts";
import { showProfile } from "../profile/show-profile.ts";
import { validateProfiles } from "../profile/validate-profiles.ts";

export function registerProfile(program: Command, context: CliContext): void {
  const profile = program.command("profile").description("look at profiles, change, move and remove them");
  profile.addHelpText("before", examples(["acp profile list", "acp profile edit --profile-id web"]));

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

  profile
    .command("edit")
    .description("open it in your editor (VISUAL, else EDITOR); it is replaced when what you wrote is valid")
    .addOption(idOption())
    .addOption(jsonOption())
    .addHelpText("before", examples(["acp profile edit --profile-id web", 'EDITOR="code --wait" acp profile edit']))
    .action(async (options: ProfileOptions) =>
      (await import("../profile/edit-profile.ts")).editProfile(context, options),
    );

  registerMoving(profile, context);
  registerRemove(profile, "remove", context);
}

function registerMoving(profile: Command, context: CliContext): void {
  profile
    .command("export")
    .description("write it as one file, without its secrets")
    .addOption(idOption())
    .option("--output <file>", "where to; otherwise on stdout")
    .option("--force", "replace the file when it is there")
    .addOption(jsonOption())
    .addHelpText(
      "before",
      examples(["acp profile export --profile-id web --output web.yaml", "acp profile export --profile-id web"]),
    )
    .action(async (options: ExportOptions) =>
      (await import("../profile/move-profile.ts")).exportProfile(context, options),
    );

  profile
    .command("import")
    .argument("<file>", "an exported profile, or a control-plane.yaml")
    .description("install an exported profile; one that is there, or overlaps with others, is refused")
    .option("--profile-id <id>", "under this id instead of its own")
    .option("--repo-root <path>", "your checkout on this machine")
    .option("--force", "replace the profile that is there (its secrets stay), and import one that overlaps")
    .option("--dry-run", "show what would be written, write nothing")
    .addOption(jsonOption())
    .addHelpText(
      "before",
      examples(["acp profile import web.yaml --dry-run", "acp profile import web.yaml --profile-id web-2"]),
    )
    .action(async (file: string, options: ImportOptions) =>
      (await import("../profile/move-profile.ts")).importProfile(context, file, options),
    );
}

function registerRemove(parent: Command, name: string, context: CliContext): void {
  const path = parent.name() === "profile" ? `acp profile ${name}` : `acp ${name}`;
  parent
    .command(name)
    .description("take a profile off this machine: only folders with our mark, never your checkout; history stays")
    .requiredOption("--profile-id <id>", "which profile")
    .option("--stop", "end its runtime and sessions first")
    .option("--dry-run", "show what would be removed and what stays, remove nothing")
    .option("--yes", "do not ask")
    .addOption(jsonOption())
    .addHelpText("before", examples([`${path} --profile-id web --dry-run`, `${path} --profile-id web --stop --yes`]))
    .action(async (options: RemoveOptions) =>
      (await import("../profile/remove-profile.ts")).removeProfile(context, options),
    );
}

/** Commands of the reference under their own names: `profile-smoke`, `profile-adopt`, `remove`. */
export function registerProfileAliases(program: Command, context: CliContext): void {
  program
    .command("profile-smoke")
    .description("check one profile, or all, by their files alone, and try the programs of their workers")
    .addOption(idOption())
    .addOption(jsonOption())
    .addHelpText("before", examples(["acp profile-smoke", "acp profile-smoke --profile-id web --json"]))
    .action(async (options: ProfileOptions) =>
      (await import("../profile/smoke-profiles.ts")).smokeProfiles(context, options),
    );

  addReferenceFlags(program.command("profile-adopt"), "profile-adopt")
    .description("make a profile's folders, its copy of the repository and its labels now; safe to repeat")
    .addOption(idOption())
    .option("--skip-anchor-sync", "the folders only: ask nothing of the forge")
    .addOption(jsonOption())
    .addHelpText("before", examples(["acp profile-adopt --profile-id web", "acp profile-adopt --skip-anchor-sync"]))
    .action(async (options: AdoptOptions) => {
      for (const words of toldOfReferenceFlags(options)) context.output.note(words);
      await (await import("../profile/adopt-profile.ts")).adoptProfile(context, options);
    });

  registerRemove(program, "remove", context);

  program
    .command("import-reference")
    .argument("<path>", "its control-plane.yaml, or the folder it lies in")
    .description("make a profile of one of the reference system, and say what cannot be carried over")
    .option("--profile-id <id>", "under this id instead of its own")
    .option("--repo-root <path>", "your checkout on this machine")
    .option("--force", "replace the profile that is there; its secrets stay")
    .option("--dry-run", "show what would be written and what is left, write nothing")
    .addOption(jsonOption())
    .addHelpText(
      "before",
      examples([
        "acp import-reference ~/.agent-runtime/control-plane/profiles/web --dry-run",
        "acp import-reference old/control-plane.yaml --profile-id web",
      ]),
    )
    .action(async (path: string, options: ImportOptions) =>
      (await import("../migrate/import-reference.ts")).importReference(context, path, options),
    );
}

const idOption = () => new Option("--profile-id <id>", "which profile");
const jsonOption = () => new Option("--json", "one JSON document on stdout");
