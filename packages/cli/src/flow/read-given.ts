import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { UserError } from "@agent-control-plane/core";
import type { CliContext } from "../context.ts";

export interface Given {
  readonly text: string;
  /** As it is named in problems. */
  readonly shown: string;
  /** What relative paths in it are under. */
  readonly cwd: string;
}

/** A file that a command was given, or standard input for `-`. Exit code 66 when it cannot be read. */
export async function readGiven(context: CliContext, file: string): Promise<Given> {
  if (file === "-") return { text: await textOf(context.stdin), shown: "standard input", cwd: context.cwd };
  const path = resolve(context.cwd, file);
  try {
    return { text: readFileSync(path, "utf8"), shown: file, cwd: dirname(path) };
  } catch (error) {
    throw new UserError(`${file} cannot be read: ${(error as Error).message}.`, { exitCode: 66, cause: error });
  }
}

async function textOf(stdin: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString("utf8");
}
