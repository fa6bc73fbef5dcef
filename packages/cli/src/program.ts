import { ForgeError, runtimeHome, systemClock, UserError } from "@agent-control-plane/core";
import { Command, CommanderError } from "commander";
import { commandsFor } from "./commands/index.ts";
import type { CliContext, Streams } from "./context.ts";
import { examples } from "./examples.ts";
import { createOutput, type Output } from "./output.ts";
import { suggesting } from "./suggesting.ts";
import { packageVersion } from "./version.ts";

/** Wrong usage, as `EX_USAGE` in sysexits.h. */
export const USAGE_EXIT_CODE = 64;

export interface Surroundings extends Streams {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly platform?: NodeJS.Platform;
}

/** Runs one command line and answers its exit code. Every error is printed once, here. */
export async function runProgram(args: readonly string[], around: Surroundings): Promise<number> {
  const output = createOutput(around.stdout, around.stderr, around.env);
  let exitCode = 0;
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
    const program = await createProgram(context, word);
    if (args.length === 0) program.outputHelp();
    else await program.parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    return report(error, output, args.includes("--debug"));
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
  for (const register of await commandsFor(first)) register(program, context);
  return program;
}

function report(error: unknown, output: Output, debug: boolean): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE_EXIT_CODE; // commander has printed it
  const message = error instanceof Error ? error.message : String(error);
  const stack = debug && error instanceof Error ? `\n${stackOf(error)}` : "";
  if (error instanceof UserError) {
    output.note(`${output.noteStyle.red("error:")} ${message}${stack}`);
    return error.exitCode;
  }
  if (error instanceof ForgeError) {
    // What the forge answered is an expected ending of a command that asks it something.
    output.note(`${output.noteStyle.red("error:")} ${message}${stack}`);
    return 1;
  }
  const hint = debug ? "" : "\nThis was not expected. Run it again with --debug for the details to report.";
  output.note(`${output.noteStyle.red("error:")} ${message}${stack}${hint}`);
  return 1;
}

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${stackOf(error.cause)}` : "";
  return `${error.stack ?? error.message}${cause}`;
}
