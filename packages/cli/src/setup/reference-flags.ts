import { type Command, Option } from "commander";

const onlyRead = "your checkout (--repo-root) is read and never changed, and no other one is kept beside it";

/** What is said of each; null: there is nothing to say, as what it asks for is so anyway. */
const flags: readonly (readonly [flag: string, told: string | null])[] = [
  ["--start-dashboard", 'there is no dashboard yet; "acp runtime status" and "acp why" tell what goes on'],
  ["--no-start-dashboard", null],
  ["--dashboard-port <port>", null],
  ["--install-missing-deps", "besides Node only git is needed, and that is left to your system's packages"],
  ["--no-install-missing-deps", null],
  ["--source-repo-root <path>", onlyRead],
  ["--retained-repo-root <path>", onlyRead],
  ["--vscode-workspace-file <path>", "no workspace file is written; the agents' folders lie in the agent root"],
  ["--skip-anchor-sync", null],
  ["--skip-workspace-sync", null],
];

/** Flags of the reference's setup for which nothing is done here: taken all the same, so that its command lines work. */
export function addReferenceFlags(command: Command): Command {
  for (const [flag] of flags) command.addOption(new Option(flag, "of the reference").hideHelp());
  return command;
}

/** Of each such flag that asks for something: what there is instead. */
export function toldOfReferenceFlags(options: object): readonly string[] {
  const given = new Map<string, unknown>(Object.entries(options));
  return flags.flatMap(([flag, told]) => {
    const option = new Option(flag);
    const isAsked = ![undefined, false].includes(given.get(option.attributeName()) as undefined);
    return told !== null && isAsked ? [`${option.long}: ${told}.`] : [];
  });
}
