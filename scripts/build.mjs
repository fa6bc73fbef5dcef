// Builds the published package in dist/package: one bundle of all workspace packages in lazily loaded chunks, with the
// native SQLite module as its only dependency (bundling is what makes strict installs on Node 20 possible).
// Does nothing when no source changed since the last build.
import { createHash } from "node:crypto";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { declareTypes } from "./declare-core.mjs";
import { entryPoints } from "./entries.mjs";
import { withLock } from "./lock.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const finished = join(root, "dist", "package");
const stampFile = join(root, "dist", "build-stamp");
const COPIED = ["profiles-template", "templates", "README.md", "LICENSE", "CHANGELOG.md"];
const NATIVE = "better-sqlite3";

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildPackage();
  process.stdout.write(`${finished}\n`);
}

/** Brings dist/package up to date and answers its path. Throws when the sources do not bundle. */
export async function buildPackage() {
  const sayWaiting = (pid) => say(`another build is at work here (pid ${pid}); waiting for it`);
  return withLock(join(root, ".cache", "build.lock"), sayWaiting, async () => {
    const stamp = hashOfSources();
    if (existsSync(finished) && existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp) return finished;
    const started = process.hrtime.bigint();
    await buildAfresh();
    writeFileSync(stampFile, stamp);
    say(`built ${relative(root, finished)} in ${(Number(process.hrtime.bigint() - started) / 1e9).toFixed(1)} s`);
    return finished;
  });
}

/** Into a folder beside the finished one, then swapped: a failed build leaves the last good package alone. */
async function buildAfresh() {
  const fresh = `${finished}.fresh`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(join(fresh, "dist"), { recursive: true });
  await bundlePrograms(fresh);
  const flows = join(root, "packages/core/src/flows-api.ts");
  declareTypes(root, { core: entryPoints(root).core, flows }, join(fresh, "types"));
  copySqlMigrations(fresh);
  for (const name of COPIED) {
    if (existsSync(join(root, name))) cpSync(join(root, name), join(fresh, name), { recursive: true });
  }
  writeFileSync(join(fresh, "package.json"), `${JSON.stringify(publishedManifest(fresh), null, 2)}\n`);
  rmSync(finished, { recursive: true, force: true });
  renameSync(fresh, finished);
}

async function bundlePrograms(fresh) {
  // Loaded here and not above: an up-to-date build needs no bundler.
  const { bundle, bundlePage } = await import("./bundle.mjs");
  await bundle(entryPoints(root), join(fresh, "dist"));
  await bundlePage(join(fresh, "dist", "dashboard"));
  const cli = join(fresh, "dist", "cli.js");
  if (!existsSync(cli)) return;
  const code = readFileSync(cli, "utf8");
  if (!code.startsWith("#!")) writeFileSync(cli, `#!/usr/bin/env node\n${code}`);
  chmodSync(cli, 0o755);
}

/** For a store that reads its migrations as files: they lie beside the bundle as they lie beside the source. */
function copySqlMigrations(fresh) {
  const migrations = join(root, "packages/core/src/store/migrations");
  if (!existsSync(migrations) || !readdirSync(migrations).some((name) => name.endsWith(".sql"))) return;
  for (const folder of ["dist/migrations", "dist/chunks/migrations"]) {
    cpSync(migrations, join(fresh, folder), { recursive: true, filter: (path) => !path.endsWith(".ts") });
  }
}

function publishedManifest(fresh) {
  const manifestOf = (folder) => JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
  const hasCli = existsSync(join(fresh, "dist", "cli.js"));
  return {
    name: "agent-control-plane",
    version: manifestOf("packages/cli").version,
    description: "GitHub-driven control plane for coding agents: labelled issue in, verified pull request out.",
    keywords: ["agents", "coding-agents", "github", "control-plane", "scheduler", "worktree"],
    license: manifestOf(".").license,
    type: "module",
    engines: manifestOf(".").engines,
    ...(hasCli ? { bin: { "agent-control-plane": "dist/cli.js", acp: "dist/cli.js" } } : {}),
    exports: {
      "./core": { types: "./types/core.d.ts", default: "./dist/core.js" },
      "./flows": { types: "./types/flows.d.ts", default: "./dist/flows.js" },
      "./package.json": "./package.json",
    },
    ...releaseFacts(),
    dependencies: { [NATIVE]: manifestOf("packages/core").dependencies[NATIVE] },
  };
}

/** Only the workflow that publishes knows them; without them a build of the same sources is the same everywhere. */
function releaseFacts() {
  const { ACP_RELEASE_COMMIT: commit, ACP_RELEASE_REPOSITORY: repository } = process.env;
  return {
    ...(repository ? { repository: { type: "git", url: `git+${repository}.git` } } : {}),
    ...(commit ? { commit } : {}),
  };
}

function hashOfSources() {
  const hash = createHash("sha256");
  hash.update(JSON.stringify(releaseFacts()));
  for (const path of sourceFiles()) {
    hash.update(`${relative(root, path)}\0`);
    hash.update(readFileSync(path));
  }
  return hash.digest("hex");
}

function sourceFiles() {
  const packages = readdirSync(join(root, "packages")).flatMap((name) => [
    join(root, "packages", name, "src"),
    join(root, "packages", name, "package.json"),
  ]);
  const own = ["package.json", "pnpm-lock.yaml", "tsconfig.json", "scripts", "docs/openapi.json", ...COPIED].map(
    (name) => join(root, name),
  );
  return [...packages, ...own]
    .filter((path) => existsSync(path))
    .flatMap(filesUnder)
    .filter(isBuildInput)
    .sort();
}

function filesUnder(path) {
  try {
    return readdirSync(path, { withFileTypes: true }).flatMap((entry) => filesUnder(join(path, entry.name)));
  } catch (error) {
    if (error.code === "ENOTDIR") return [path];
    throw error;
  }
}

function isBuildInput(path) {
  return !path.endsWith(".test.ts") && !path.includes(join("scripts", "bench"));
}

function say(line) {
  process.stderr.write(`build: ${line}\n`);
}
