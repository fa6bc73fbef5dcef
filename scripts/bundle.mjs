// How we bundle for Node 20: everything inside but the native SQLite module.
import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
export const NATIVE = "better-sqlite3";

/** Bundles `{ name: source }` to `<outdir>/<name>.js`; parts that only some paths need become lazily loaded chunks. */
export async function bundle(entryPoints, outdir) {
  await build({
    entryPoints,
    outdir,
    absWorkingDir: root,
    bundle: true,
    splitting: true, // what a command does not need is not even read: `--version` stays fast
    chunkNames: "chunks/[name]-[hash]",
    platform: "node",
    target: "node20",
    format: "esm",
    external: [NATIVE, "pg-native"],
    loader: { ".sql": "text" },
    legalComments: "none",
    logLevel: "warning",
    // Bundled CommonJS dependencies call require(); ES modules have none of their own.
    banner: {
      js: 'import { createRequire as createRequireForBundle } from "node:module";\nconst require = createRequireForBundle(import.meta.url);',
    },
  });
  linkNative();
}

/** The workspace's native module where bundles under dist/ find it; beside the package, so it is never published. */
function linkNative() {
  const link = join(root, "dist", "node_modules", NATIVE);
  mkdirSync(dirname(link), { recursive: true });
  rmSync(link, { recursive: true, force: true });
  symlinkSync(join("..", "..", "packages", "core", "node_modules", NATIVE), link);
}
