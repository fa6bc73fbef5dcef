import { type Command, Option } from "commander";

const onlyRead = "your checkout (--repo-root) is read and never changed, and no other one is kept beside it";

/** What is said of each that is given; null: there is nothing to say, as what it asks for is so anyway. */
const flags = {
  "--source-repo-root <path>": onlyRead,
  "--retained-repo-root <path>": onlyRead,
  "--vscode-workspace-file <path>": "no workspace file is written; the agents' folders lie in the agent root",
  "--allow-missing-repo": null,
  "--skip-anchor-sync": null,
  "--skip-workspace-sync": null,
  "--skip-sync": null,
} as const satisfies Readonly<Record<string, string | null>>;
type ReferenceFlag = keyof typeof flags;

/** Of each of the reference's commands: flags for which nothing is done here. */
const flagsOf = {
  setup: [
    ...(["--source-repo-root <path>"] as const),
    ...(["--retained-repo-root <path>", "--vscode-workspace-file <path>"] as const),
    ...(["--skip-anchor-sync", "--skip-workspace-sync"] as const),
  ],
  init: [
    ...(["--source-repo-root <path>", "--retained-repo-root <path>", "--vscode-workspace-file <path>"] as const),
    ...(["--allow-missing-repo", "--skip-anchor-sync", "--skip-workspace-sync", "--skip-sync"] as const),
  ],
  "profile-adopt": ["--source-repo-root <path>", "--skip-workspace-sync", "--allow-missing-repo"],
} as const satisfies Readonly<Record<string, readonly ReferenceFlag[]>>;

/** Takes them all the same, so that command lines of the reference work. */
export function addReferenceFlags(command: Command, of: keyof typeof flagsOf): Command {
  for (const flag of flagsOf[of]) command.addOption(new Option(flag, "of the reference").hideHelp());
  return command;
}

/** Of each such flag that is given and asks for something: what there is instead. */
export function toldOfReferenceFlags(options: object): readonly string[] {
  const given = new Map<string, unknown>(Object.entries(options));
  return Object.entries(flags).flatMap(([flag, told]) => {
    const option = new Option(flag);
    const value = given.get(option.attributeName());
    return told !== null && value !== undefined && value !== false ? [`${option.long}: ${told}.`] : [];
  });
}
