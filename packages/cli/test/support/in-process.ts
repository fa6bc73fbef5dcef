import { PassThrough } from "node:stream";
import { runProgram } from "../../src/program.ts";

export interface Answered {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** One command line in this very process, with exactly this environment: for what needs no process of its own. */
export async function runHere(
  args: readonly string[],
  around: { readonly env: NodeJS.ProcessEnv; readonly cwd?: string },
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
    stdin: new PassThrough() as unknown as NodeJS.ReadStream,
    stdout: sink("stdout") as unknown as NodeJS.WriteStream,
    stderr: sink("stderr") as unknown as NodeJS.WriteStream,
  });
  return { code, ...said };
}
