import type { Command } from "commander";
import { examples } from "../examples.ts";

/** A command that acts at the forge of a profile: `acp issue ...`, `acp pr ...`. */
export const operatorCommand = (
  parent: Command,
  name: string,
  description: string,
  lines: readonly string[],
): Command =>
  parent
    .command(name)
    .description(description)
    .option("--profile-id <id>", "which profile")
    .option("--json", "one JSON document on stdout")
    .addHelpText("before", examples(lines));
