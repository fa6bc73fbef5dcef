// `npm run docs`: makes the pages in docs/ that are made from the program; `-- --check` only says which are not up to date.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { bundle } from "./bundle.mjs";
import { openapiText } from "./docs/openapi/build-openapi.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const place = join(root, "dist", `docs-${process.pid}`);
try {
  await bundle({ pages: join(root, "scripts/docs/pages.ts") }, place);
  // The program looks for its version in the nearest package.
  writeFileSync(join(place, "package.json"), '{ "type": "module", "version": "0.0.0" }');
  const { pagesIn } = await import(pathToFileURL(join(place, "pages.js")).href);
  const pages = { ...(await pagesIn(root)), "docs/openapi.json": openapiText(root) };
  for (const [path, text] of Object.entries(pages)) {
    if (textAt(join(root, path)) === text) continue;
    if (process.argv.includes("--check")) {
      process.stderr.write(`docs: ${path} is not up to date: npm run docs\n`);
      process.exitCode = 1;
    } else {
      writeFileSync(join(root, path), text);
      process.stdout.write(`docs: wrote ${path}\n`);
    }
  }
} finally {
  rmSync(place, { recursive: true, force: true });
}

function textAt(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
