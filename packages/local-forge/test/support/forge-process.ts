import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { onTestFinished } from "vitest";

const packageFolder = fileURLToPath(new URL("../../", import.meta.url));

/** A forge in a process of its own on `<folder>/forge`, to be killed. Resolves once it answers. */
export async function startForgeProcess(folder: string, port = 0) {
  const program = await bundledProgram(folder);
  const child = spawn(process.execPath, [program, join(folder, "forge"), String(port)], {
    env: { PATH: process.env.PATH, NODE_PATH: join(packageFolder, "node_modules") },
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [url] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  const kill = async () => {
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  };
  return { url, apiUrl: `${url}/api/v3`, kill };
}

/** CommonJS, because only that finds the native module through NODE_PATH from a temporary folder. */
async function bundledProgram(folder: string): Promise<string> {
  const outfile = join(folder, "program", "forge.cjs");
  mkdirSync(join(folder, "program"), { recursive: true });
  await build({
    stdin: {
      contents: `import { startLocalForge } from "./src/index.ts";
        startLocalForge({ dataDir: process.argv[2], port: Number(process.argv[3]) }).then((forge) => console.log(forge.url));`,
      resolveDir: packageFolder,
    },
    outfile,
    bundle: true,
    platform: "node",
    format: "cjs",
    external: ["better-sqlite3"],
    logLevel: "error",
  });
  return outfile;
}
