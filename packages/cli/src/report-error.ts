import { ForgeError, UserError } from "@agent-control-plane/core";
import { type Command, CommanderError } from "commander";
import type { Output } from "./output.ts";
import { suggesting } from "./suggesting.ts";
import { inWords } from "./system-error.ts";

/** Wrong usage, as `EX_USAGE` in sysexits.h. */
export const USAGE_EXIT_CODE = 64;

export interface Reporting {
  readonly args: readonly string[];
  readonly program: Command | null;
  readonly output: Output;
  /** Whether the command has printed its one document already. */
  readonly hasAnswered: boolean;
}

/**
 * Says once, on stderr, why a command failed, and answers its exit code. A program that asked for JSON finds the same as
 * the one document on stdout.
 */
export function reportError(error: unknown, reporting: Reporting): number {
  const { args, output, hasAnswered } = reporting;
  const { message, exitCode, isSaid } = judged(error, reporting);
  if (exitCode === 0) return 0; // the help, or the version, which commander has printed
  const isDebugging = args.includes("--debug");
  if (!isSaid) {
    const stack = isDebugging && error instanceof Error ? `\n${stackOf(error)}` : "";
    const hint =
      isExpected(error) || isDebugging
        ? ""
        : "\nThis was not expected. Run it again with --debug for the details to report.";
    output.note(`${output.noteStyle.red("error:")} ${message}${stack}${hint}`);
  }
  // On one line, so that it ends a stream of documents as well.
  if (asksForJson(args) && !hasAnswered) output.jsonLine({ error: message, exitCode });
  return exitCode;
}

interface Judged {
  readonly message: string;
  readonly exitCode: number;
  /** It is on stderr already. */
  readonly isSaid: boolean;
}

function judged(error: unknown, { args, program }: Reporting): Judged {
  if (error instanceof CommanderError) {
    const exitCode = error.exitCode === 0 ? 0 : USAGE_EXIT_CODE;
    return { message: usageMessage(error, args, program), exitCode, isSaid: true };
  }
  const message = inWords(error) ?? (error instanceof Error ? error.message : String(error));
  if (error instanceof UserError) return { message, exitCode: error.exitCode, isSaid: false };
  return { message, exitCode: inWords(error) === null ? 1 : 2, isSaid: false };
}

/** What the forge answered is an expected ending of a command that asks it something. */
const isExpected = (error: unknown): boolean =>
  error instanceof UserError || error instanceof ForgeError || inWords(error) !== null;

function usageMessage(error: CommanderError, args: readonly string[], program: Command | null): string {
  const words = args.filter((each) => !each.startsWith("-")).join(" ");
  if (error.code === "commander.help") return `"acp ${words}" needs a command; with --help it lists them.`;
  const text = program === null ? error.message : suggesting(program, error.message, args[0]);
  return text.replace(/^error: /, "").trim();
}

function asksForJson(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  return (end === -1 ? args : args.slice(0, end)).includes("--json");
}

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${stackOf(error.cause)}` : "";
  return `${error.stack ?? error.message}${cause}`;
}
