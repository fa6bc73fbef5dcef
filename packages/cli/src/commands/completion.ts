import { Argument, type Command } from "commander";
import type { Shell } from "../completion/shell-scripts.ts";
import type { CliContext } from "../context.ts";
import { examples } from "../examples.ts";

const shells: readonly Shell[] = ["bash", "zsh", "fish"];

export function registerCompletion(program: Command, context: CliContext): void {
  program
    .command("completion")
    .description("print a script that lets a shell complete commands, options and profile ids")
    .addArgument(new Argument("<shell>", "for which shell").choices(shells))
    .addHelpText(
      "before",
      examples([
        'eval "$(acp completion bash)"',
        'eval "$(acp completion zsh)"',
        "acp completion fish > ~/.config/fish/completions/acp.fish",
      ]),
    )
    .action(async (shell: Shell) => {
      const { commandTree } = await import("../completion/command-tree.ts");
      const { completionScript } = await import("../completion/shell-scripts.ts");
      context.output.print(completionScript(shell, commandTree(program)).trimEnd());
    });
}
