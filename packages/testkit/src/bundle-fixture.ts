import { mkdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const corePackage = fileURLToPath(new URL("../../core/", import.meta.url));
const built = new Map<string, Promise<string>>();
let numbered = 0;

/**
 * Bundles a TypeScript program into one `.mjs` file that a plain `node` runs, once per test process; answers its
 * path. The bundle lies under core's node_modules, because the native module stays outside it and must be found
 * from there.
 */
export function bundleFixture(entry: string | URL): Promise<string> {
  const source = typeof entry === "string" ? entry : fileURLToPath(entry);
  const known = built.get(source);
  if (known) return known;
  const bundle = bundleOnce(source);
  built.set(source, bundle);
  return bundle;
}

async function bundleOnce(source: string): Promise<string> {
  const folder = join(corePackage, "node_modules", ".cache", "fixtures");
  mkdirSync(folder, { recursive: true });
  numbered += 1;
  // Test files run in processes of their own: the pid keeps their bundles apart.
  const outfile = join(folder, `${basename(source, ".ts")}-${process.pid}-${numbered}.mjs`);
  await build({
    entryPoints: [source],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    external: ["better-sqlite3"],
    absWorkingDir: dirname(source),
    logLevel: "error",
    // CommonJS packages inside the bundle call require for Node's own modules.
    banner: {
      js: 'import { createRequire as makeRequire } from "node:module"; const require = makeRequire(import.meta.url);',
    },
  });
  process.once("exit", () => rmSync(outfile, { force: true }));
  return outfile;
}
