import { createInterface } from "node:readline/promises";
import { UserError } from "@agent-control-plane/core";
import type { CliContext } from "../context.ts";
import { INTERRUPTED_EXIT_CODE } from "../interruptible.ts";

/**
 * A yes or no from the person at the terminal; no answer means no. At Ctrl-C or Ctrl-D it throws `UserError` (130) with
 * what then stands. Only to be called when `interactive`.
 */
export async function askYes({ stdin, stderr }: CliContext, question: string, interrupted: string): Promise<boolean> {
  const lines = createInterface({ input: stdin, output: stderr });
  const atEnd = new Promise<string>((done) => lines.once("close", () => setImmediate(done, "")));
  try {
    const answer = await Promise.race([lines.question(`${question} [y/N] `), atEnd]);
    return /^y(es)?$/i.test(answer.trim());
  } catch (error) {
    if (!(error instanceof Error && error.name === "AbortError")) throw error;
    stderr.write("\n");
    throw new UserError(`Interrupted. ${interrupted}`, { exitCode: INTERRUPTED_EXIT_CODE, cause: error });
  } finally {
    lines.close();
  }
}
