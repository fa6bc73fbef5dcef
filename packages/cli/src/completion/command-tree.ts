import type { Command, Option } from "commander";

/** A command with what may follow it, as the help shows it. */
export interface CommandNode {
  /** Words after the program's name: `runtime start`; empty for the program itself. */
  readonly path: string;
  readonly description: string;
  readonly flags: readonly Flag[];
  readonly commands: readonly CommandNode[];
}

export interface Flag {
  /** With its dashes. */
  readonly name: string;
  readonly description: string;
  readonly takesValue: boolean;
  /** Empty: any value. */
  readonly choices: readonly string[];
}

/** The tree below a command; hidden commands and options are left out, aliases stand beside their commands. */
export function commandTree(command: Command, path = ""): CommandNode {
  const help = command.createHelp();
  const below = help
    .visibleCommands(command)
    .flatMap((each) =>
      [each.name(), ...each.aliases()].map((name) => commandTree(each, path === "" ? name : `${path} ${name}`)),
    );
  return {
    path,
    description: command.description(),
    flags: help.visibleOptions(command).flatMap(flagOf),
    commands: below,
  };
}

/** The node and all below it. */
export const allNodes = (node: CommandNode): readonly CommandNode[] => [node, ...node.commands.flatMap(allNodes)];

export const lastWord = ({ path }: CommandNode): string => path.split(" ").at(-1) ?? "";

function flagOf({ long, description, required, optional, argChoices }: Option): readonly Flag[] {
  if (!long) return [];
  return [{ name: long, description, takesValue: required || optional, choices: argChoices ?? [] }];
}
