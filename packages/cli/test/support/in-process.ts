import { runProgram } from "../../src/program.ts";

export interface RanHere {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** One command line in this process, with exactly the environment given. */
export async function runHere(
  args: readonly string[],
  { env, cwd = "/" }: { readonly env: NodeJS.ProcessEnv; readonly cwd?: string },
): Promise<RanHere> {
  const said = { stdout: "", stderr: "" };
  const stream = (name: "stdout" | "stderr") =>
    ({ isTTY: false, write: (text: string) => (said[name] += text) }) as unknown as NodeJS.WriteStream;
  const stdin = { isTTY: false } as NodeJS.ReadStream;
  const code = await runProgram(args, { env, cwd, stdin, stdout: stream("stdout"), stderr: stream("stderr") });
  return { code, ...said };
}
