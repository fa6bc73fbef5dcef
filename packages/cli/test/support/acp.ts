import { spawn } from "node:child_process";
import { join } from "node:path";
import { buildPackage } from "../../../../scripts/build.mjs";

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface BuiltAcp {
  run(
    args: readonly string[],
    options: { readonly env: NodeJS.ProcessEnv; readonly cwd?: string; readonly input?: string },
  ): Promise<Ended>;
}

/** The real program as it is published, run as a process of its own with exactly the environment given. */
export async function buildAcp(): Promise<BuiltAcp> {
  const program = join(await buildPackage(), "dist", "cli.js");
  return { run: (args, options) => run([program, ...args], options) };
}

function run(args: readonly string[], { env, cwd, input = "" }: Parameters<BuiltAcp["run"]>[1]): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { env, cwd, stdio: "pipe" });
    const ended = { stdout: "", stderr: "" };
    child.stdout.setEncoding("utf8").on("data", (text) => (ended.stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text) => (ended.stderr += text));
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, ...ended }));
    child.stdin.on("error", () => {}); // a program that does not read its stdin is fine
    child.stdin.end(input);
  });
}
