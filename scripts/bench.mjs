// `npm run bench [-- name… args…]`: runs the benchmarks in scripts/bench one after the other, each bundled and in a
// process of its own. Arguments that name a benchmark select it; the others are passed to each.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle } from "./bundle.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, "scripts", "bench");
const found = existsSync(folder)
  ? readdirSync(folder)
      .filter((name) => name.endsWith(".bench.ts"))
      .sort()
  : [];
const names = found.map((file) => basename(file, ".bench.ts"));
const args = process.argv.slice(2);
const selected = names.filter((name) => args.includes(name));

let failed = names.length === 0;
if (failed) process.stderr.write("bench: there are no scripts/bench/*.bench.ts\n");
for (const name of selected.length > 0 ? selected : names) {
  const code = await runBenchmark(name);
  if (code !== 0) process.stderr.write(`bench: ${name} ended with exit code ${code}\n`);
  failed ||= code !== 0;
}
process.exitCode = failed ? 1 : 0;

async function runBenchmark(name) {
  process.stderr.write(`bench: ${name}\n`);
  const place = join(root, "dist", `bench-${process.pid}`);
  try {
    await bundle({ [name]: join(folder, `${name}.bench.ts`) }, place);
    // The program looks for its version in the nearest package.
    writeFileSync(join(place, "package.json"), '{ "type": "module", "version": "0.0.0" }');
    const passed = args.filter((arg) => !names.includes(arg));
    return (
      spawnSync(process.execPath, [join(place, `${name}.js`), ...passed], { cwd: root, stdio: "inherit" }).status ?? 1
    );
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}
