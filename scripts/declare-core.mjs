// The type declarations of `agent-control-plane/core` and `/flows`: what tsc emits for the public entries and the files they
// reach, and nothing else. Relative imports get the .js ending that every consumer's module resolution understands.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";

const RELATIVE_IMPORT = /(from |import\()"(\.{1,2}\/[^"]+)\.ts"/g;

/**
 * Writes `<out>/<name>.d.ts` for each of `{ name: entry }`, and the declarations it needs. Throws with tsc's words when an
 * entry does not type-check.
 */
export function declareTypes(root, entries, out) {
  mkdirSync(join(root, ".cache"), { recursive: true });
  const emitted = mkdtempSync(join(root, ".cache", "declarations-"));
  try {
    emit(root, Object.values(entries), emitted);
    for (const [name, entry] of Object.entries(entries)) declareOne(root, { name, entry }, emitted, out);
  } finally {
    rmSync(emitted, { recursive: true, force: true });
  }
}

function declareOne(root, { name, entry }, emitted, out) {
  const sourceRoot = join(root, "packages", "core", "src");
  if (dirname(entry) !== sourceRoot) throw new Error(`build: the public entry must lie in ${sourceRoot}: ${entry}`);
  const entryName = basename(entry, ".ts");
  for (const file of reachable(join(emitted, `${entryName}.d.ts`))) {
    const target = join(out, relative(emitted, file));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, readFileSync(file, "utf8").replace(RELATIVE_IMPORT, '$1"$2.js"'));
  }
  if (entryName !== name) writeFileSync(join(out, `${name}.d.ts`), `export * from "./${entryName}.js";\n`);
}

function emit(root, entries, emitted) {
  const config = join(emitted, "tsconfig.json");
  const compilerOptions = {
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    rootDir: join(root, "packages", "core", "src"),
    outDir: emitted,
    stripInternal: true,
    typeRoots: [join(root, "node_modules", "@types")],
  };
  writeFileSync(
    config,
    JSON.stringify({ extends: join(root, "tsconfig.json"), compilerOptions, include: [], files: entries }),
  );
  const tsc = spawnSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", config], {
    encoding: "utf8",
  });
  if (tsc.status !== 0)
    throw new Error(
      `build: the types of ${entries.map((entry) => relative(root, entry)).join(" and ")} do not compile:\n${tsc.stdout}`,
    );
}

function reachable(first) {
  const seen = new Set();
  const visit = (file) => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const [, , path] of readFileSync(file, "utf8").matchAll(RELATIVE_IMPORT))
      visit(resolve(dirname(file), `${path}.d.ts`));
  };
  visit(first);
  return seen;
}
