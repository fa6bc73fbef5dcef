// The type declarations of `agent-control-plane/core`: what tsc emits for the public entry and the files it reaches,
// and nothing else. Relative imports get the .js ending that every consumer's module resolution understands.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";

const RELATIVE_IMPORT = /(from |import\()"(\.{1,2}\/[^"]+)\.ts"/g;

/** Writes `<out>/core.d.ts` and the declarations it needs. Throws with tsc's words when the entry does not type-check. */
export function declareCore(root, entry, out) {
  mkdirSync(join(root, ".cache"), { recursive: true });
  const emitted = mkdtempSync(join(root, ".cache", "declarations-"));
  try {
    emit(root, entry, emitted);
    const sourceRoot = join(root, "packages", "core", "src");
    const entryName = basename(entry, ".ts");
    for (const file of reachable(join(emitted, `${entryName}.d.ts`))) {
      const target = join(out, relative(emitted, file));
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, readFileSync(file, "utf8").replace(RELATIVE_IMPORT, '$1"$2.js"'));
    }
    if (dirname(entry) !== sourceRoot) throw new Error(`build: the public entry must lie in ${sourceRoot}: ${entry}`);
    if (entryName !== "core") writeFileSync(join(out, "core.d.ts"), `export * from "./${entryName}.js";\n`);
  } finally {
    rmSync(emitted, { recursive: true, force: true });
  }
}

function emit(root, entry, emitted) {
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
    JSON.stringify({ extends: join(root, "tsconfig.json"), compilerOptions, include: [], files: [entry] }),
  );
  const tsc = spawnSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", config], {
    encoding: "utf8",
  });
  if (tsc.status !== 0) throw new Error(`build: the types of ${relative(root, entry)} do not compile:\n${tsc.stdout}`);
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
