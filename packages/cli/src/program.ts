import { accessSync, constants, statSync } from "node:fs";
import { runtimeHome, systemClock, UserError } from "@agent-control-plane/core";
import { Command } from "commander";
import { commandsFor } from "./commands/index.ts";
import type { CliContext, Streams } from "./context.ts";
import { examples } from "./examples.ts";
import { createOutput } from "./output.ts";
import { reportError } from "./report-error.ts";
import { suggesting } from "./suggesting.ts";
import { packageVersion } from "./version.ts";

export interface Surroundings extends Streams {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly platform?: NodeJS.Platform;
}

/** Runs one command line and answers its exit code. Every error is printed once, here. */
export async function runProgram(args: readonly string[], around: Surroundings): Promise<number> {
  const printed = createOutput(around.stdout, around.stderr, around.env);
  let hasAnswered = false;
  const output: typeof printed = {
    ...printed,
    json(document) {
      hasAnswered = true;
      printed.json(document);
    },
  };
  let exitCode = 0;
  let program: Command | null = null;
  const context: CliContext = {
    ...around,
    home: runtimeHome(around.env),
    clock: systemClock,
    interactive: around.stdin.isTTY === true && around.stdout.isTTY === true,
    output,
    exitWith(code) {
      exitCode = code;
    },
  };
  try {
    const word = args.find((arg) => !arg.startsWith("-"));
    program = await createProgram(context, word);
    if (args.length === 0) program.outputHelp();
    else await program.parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    return reportError(error, { args, program, output, hasAnswered });
  }
}

/**
 * The tree of commands; the pages that are generated from it read it, too. `first`: the first word of the command line;
 * of a command that there is nothing but itself is loaded.
 */
export async function createProgram(context: CliContext, first?: string): Promise<Command> {
  const program = new Command("acp")
    .description("Turns labelled issues of a forge into verified pull requests, with coding agents it supervises.")
    .version(packageVersion(), "-V, --version", "print the version")
    .option("--debug", "show stack traces of errors")
    .helpOption("-h, --help", "explain a command")
    .helpCommand("help [command]", "explain a command")
    .addHelpText(
      "before",
      examples([
        "acp demo",
        "acp init --profile-id web --repo-root ~/src/web",
        "acp runtime start --profile-id web",
        "acp why 12",
      ]),
    )
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.output.print(text.trimEnd()),
      writeErr: (text) => context.output.note(text.trimEnd()),
      outputError: (text, write) =>
        write(`${suggesting(program, text, first).trimEnd()}\nRun with --help to see how it is used.`),
    });
  program.hook("preAction", (_, command) => {
    if (command.name() !== "doctor") refuseUselessHome(context.home); // which says more about it
  });
  for (const register of await commandsFor(first)) register(program, context);
  return program;
}

/** Else every look at it would find nothing, as in a home that is still to be made. */
function refuseUselessHome(home: string): void {
  const found = statSync(home, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (found.isDirectory()) accessSync(home, constants.R_OK | constants.X_OK);
  else
    throw new UserError(
      `The runtime home ${home} is no folder. Set AGENT_RUNTIME_HOME to one, or move that file away.`,
    );
}
