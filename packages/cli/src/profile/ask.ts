import { createInterface } from "node:readline/promises";
import type { CliContext } from "../context.ts";

/** A yes or no from the person at the terminal; no answer means no. Only to be called when `interactive`. */
export async function askYes({ stdin, stderr }: CliContext, question: string): Promise<boolean> {
  const lines = createInterface({ input: stdin, output: stderr });
  try {
    return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `)).trim());
  } finally {
    lines.close();
  }
}
