import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const packageRoot = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

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
  remove(): void;
}

/** The real program, bundled as it is published, run as a process of its own with exactly the environment given. */
export async function buildAcp(): Promise<BuiltAcp> {
  // Where the native module, which stays outside the bundle, is found.
  const cache = join(packageRoot, "..", "core", "node_modules", ".cache");
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "acp-test-"));
  await build({
    entryPoints: [join(packageRoot, "src", "main.ts")],
    outdir: folder,
    bundle: true,
    splitting: true,
    platform: "node",
    target: "node20",
    format: "esm",
    external: ["better-sqlite3"],
    logLevel: "error",
    banner: { js: 'import { createRequire as r } from "node:module";\nconst require = r(import.meta.url);' },
  });
  return {
    run: (args, options) => run([join(folder, "main.js"), ...args], options),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
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
