// How we bundle for Node 20: everything inside but the native SQLite module.
import { cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { inChunks } from "./chunks.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
export const NATIVE = "better-sqlite3";

/** What people and scripts run all day is loaded in few pieces; see chunks.mjs. */
const quick = {
  start: "packages/cli/src/main.ts",
  parts: [
    ["packages/cli/src/program.ts", "packages/cli/src/commands/runtime.ts", "packages/cli/src/runtime/show-status.ts"],
    ["packages/cli/src/runtime/status-in-store.ts"],
    ["packages/cli/src/runtime/profile-facts.ts"],
    ["packages/cli/src/commands/flow.ts", "packages/cli/src/flow/submit-flow.ts"],
  ],
};

/**
 * Bundles `{ name: source }` to `<outdir>/<name>.js`. The command line is split into lazily loaded chunks: what a command
 * does not need is not even read. Every other program is one file of its own, so that a session wrapper, of which there
 * may be many, carries nothing but what it uses.
 */
export async function bundle(entryPoints, outdir) {
  for (const [name, source] of Object.entries(entryPoints)) await bundleOne({ [name]: source }, outdir, name === "cli");
  linkNative();
}

/** The dashboard's page: one script, one style sheet, nothing from elsewhere. And the script of its login, which is not the page yet. */
export async function bundlePage(outdir) {
  const page = join(root, "packages/dashboard/src/page");
  await build({
    entryPoints: { app: join(page, "app.tsx"), login: join(page, "login/login.ts") },
    outdir,
    bundle: true,
    platform: "browser",
    target: "es2022",
    format: "esm",
    jsx: "automatic",
    jsxImportSource: "preact",
    minify: true,
    legalComments: "none",
    logLevel: "warning",
  });
  for (const name of ["index.html", "icon.svg"]) cpSync(join(page, name), join(outdir, name));
  cpSync(join(root, "docs/openapi.json"), join(outdir, "openapi.json"));
}

async function bundleOne(entryPoints, outdir, splitting) {
  const { outputFiles } = await build({
    entryPoints,
    outdir,
    absWorkingDir: root,
    bundle: true,
    splitting,
    write: false,
    chunkNames: "chunks/[name]-[hash]",
    platform: "node",
    target: "node20",
    format: "esm",
    external: [NATIVE, "pg-native"],
    loader: { ".sql": "text" },
    legalComments: "none",
    plugins: splitting ? [inChunks(root, quick)] : [],
    // Less to read at every start. Names stay: a stack trace is to be read by people.
    minifyWhitespace: true,
    minifySyntax: true,
    logLevel: "warning",
  });
  for (const { path, text } of outputFiles) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, withRequire(text));
  }
}

/** Bundled CommonJS dependencies call require(); ES modules have none of their own. Making one is not free: where it is called. */
function withRequire(code) {
  if (!/(?<![\w$.])require\b/.test(code)) return code;
  const [, hashbang, rest] = /^(#!.*\n)?([\s\S]*)$/.exec(code);
  const made =
    'import { createRequire as createRequireForBundle } from "node:module";\nconst require = createRequireForBundle(import.meta.url);\n';
  return `${hashbang ?? ""}${made}${rest}`;
}

/** The workspace's native module where bundles under dist/ find it; beside the package, so it is never published. */
function linkNative() {
  const link = join(root, "dist", "node_modules", NATIVE);
  mkdirSync(dirname(link), { recursive: true });
  rmSync(link, { recursive: true, force: true });
  symlinkSync(join("..", "..", "packages", "core", "node_modules", NATIVE), link);
}
