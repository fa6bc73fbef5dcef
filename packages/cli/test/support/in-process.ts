import { PassThrough } from "node:stream";
import { runProgram } from "../../src/program.ts";

export interface Answered {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * One command line in this very process, with exactly this environment and no terminal: for what needs no process of its
 * own. That the published program does the same is shown by tests of the whole product.
 */
export async function runHere(
  args: readonly string[],
  around: { readonly env: NodeJS.ProcessEnv; readonly cwd?: string; readonly input?: string },
): Promise<Answered> {
  const said = { stdout: "", stderr: "" };
  const sink = (name: keyof typeof said) => ({
    write(text: string) {
      said[name] += text;
      return true;
    },
  });
  const code = await runProgram(args, {
    env: around.env,
    cwd: around.cwd ?? around.env.HOME ?? "/",
    stdin: new PassThrough().end(around.input ?? "") as unknown as NodeJS.ReadStream,
    stdout: sink("stdout") as unknown as NodeJS.WriteStream,
    stderr: sink("stderr") as unknown as NodeJS.WriteStream,
  });
  return { code, ...said };
}
