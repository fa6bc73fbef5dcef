// docs/cli.md, made from the tree of commands.
import type { createProgram } from "../../packages/cli/src/program.ts";

type Command = Awaited<ReturnType<typeof createProgram>>;
type Option = Command["options"][number];

const codes = [
  ["0", "done; for a question, the answer is yes or all is well"],
  [
    "1",
    "it was done and did not end well, or the forge said no: what is to be told is on stderr, or in the document with `--json`",
  ],
  [
    "2",
    "you can put it right: a profile that is not valid, a tool or a token that is missing, a file that is in the way",
  ],
  [
    "64",
    "wrong usage: an unknown command or option, a value that an option does not take, or a profile that has to be named",
  ],
  ["66", "what was named is not there: the profile is not installed, or the file given does not exist"],
  [
    "130",
    "interrupted with Ctrl-C; what the command had made for itself is cleaned up. `acp runtime run` is no case of it: a signal is how it is stopped",
  ],
] as const;

/** The whole page. */
export function cliReference(program: Command): string {
  const leaves = leavesOf(program);
  return `${[
    "# Commands",
    "",
    "Made from the program's own help by `npm run docs`; a test compares the two. `acp help <command>` says the same.",
    "",
    "With `--json` a command prints one document on stdout, also when it fails, see [JSON output](json-output.md). `--debug` shows",
    "the stack of an error; without it no error has one. Several profiles are never guessed between: `--profile-id`, or",
    "`ACP_PROJECT_ID`, names one.",
    "",
    "## Exit codes",
    "",
    ...table(
      ["Code", "Meaning"],
      codes.map(([code, meaning]) => [code, meaning]),
    ),
    "",
    "Codes of commands of yours (`verification.commands`, the shell worker) never become ours.",
    "",
    "## All commands",
    "",
    ...leaves.map((leaf) => `- [\`${pathOf(leaf)}\`](#${anchorOf(pathOf(leaf))}): ${leaf.description()}`),
    "",
    ...leaves.flatMap(sectionOf),
  ]
    .join("\n")
    .trimEnd()}\n`;
}

/** Commands that do something, in the order of the help; the help of a command is none. */
export function leavesOf(command: Command): readonly Command[] {
  const below = command.commands.filter((each) => each.name() !== "help");
  return below.length === 0 ? [command] : below.flatMap(leavesOf);
}

export function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

/** The lines that people copy: what the help says before anything else. */
export function examplesOf(command: Command): readonly string[] {
  let text = "";
  command.configureOutput({ ...command.configureOutput(), writeOut: (part) => (text += part) });
  command.outputHelp();
  return [...text.matchAll(/^ {2}\$ (.*)$/gm)].map(([, line = ""]) => line);
}

function sectionOf(command: Command): readonly string[] {
  const path = pathOf(command);
  const args = command.registeredArguments.map((argument) => [
    `\`${argument.required ? `<${argument.name()}>` : `[${argument.name()}]`}${argument.variadic ? "..." : ""}\``,
    cell(argument.description),
  ]);
  const options = command.options
    .filter(({ hidden }) => !hidden)
    .map((option) => [`\`${option.flags}\``, meaningOf(option)]);
  return [
    `### \`${path}\``,
    "",
    `${sentence(command.description())}`,
    "",
    "```sh",
    ...examplesOf(command),
    "```",
    "",
    ...(args.length === 0 ? [] : [...table(["Argument", "Meaning"], args), ""]),
    ...(options.length === 0 ? [] : [...table(["Option", "Meaning"], options), ""]),
  ];
}

function meaningOf({ description, argChoices, defaultValue, mandatory }: Option): string {
  const more = [
    ...(argChoices === undefined ? [] : [`one of ${argChoices.map((choice) => `\`${choice}\``).join(", ")}`]),
    ...(defaultValue === undefined ? [] : [`default: \`${String(defaultValue)}\``]),
    ...(mandatory ? ["required"] : []),
  ];
  return cell([description, ...more].join("; "));
}

const cell = (text: string): string => text.replaceAll("|", "\\|");

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

const anchorOf = (path: string): string => path.replaceAll(" ", "-");

export function table(heading: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const widths = heading.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((text, column) => text.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [line(heading), `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...rows.map(line)];
}
