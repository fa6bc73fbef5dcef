// `npm run pack`: the publishable tarball. Its path is the last line on stdout.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { buildPackage } from "./build.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const PUBLISHED =
  /^(dist\/[\w./-]+\.(js|sql)|dist\/dashboard\/(index\.html|app\.css|icon\.svg|openapi\.json)|types\/.+\.d\.ts|(profiles-template|templates)\/.+|package\.json|[A-Z]+(\.md)?)$/;

const folder = await buildPackage();
const { files, filename } = pack(folder);
const problems = files.flatMap(({ path }) => problemsOf(path));
if (problems.length > 0) {
  process.stderr.write(`pack: the tarball is not fit to be published:\n${problems.map((p) => `  ${p}\n`).join("")}`);
  process.exitCode = 1;
} else {
  process.stderr.write(`pack: ${files.length} files\n`);
  process.stdout.write(`${filename}\n`);
}

function pack(source) {
  mkdirSync(join(root, ".cache"), { recursive: true });
  const place = mkdtempSync(join(root, ".cache", "pack-"));
  try {
    const args = ["pack", "--json", "--silent", "--ignore-scripts", "--pack-destination", place];
    const npm = spawnSync("npm", args, { cwd: source, encoding: "utf8" });
    if (npm.status !== 0) throw new Error(`pack: npm pack failed in ${source}:\n${npm.stderr ?? npm.error}`);
    const [tarball] = JSON.parse(npm.stdout);
    const target = join(root, "dist", tarball.filename);
    renameSync(join(place, tarball.filename), target);
    return { files: tarball.files, filename: target };
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

/** Only what users need, and nothing that tells where it was built. */
function problemsOf(path) {
  if (!PUBLISHED.test(path) || path.includes(".test.")) return [`${path}: not among the published kinds of files`];
  const text = readFileSync(join(folder, path), "utf8");
  return [root, homedir()]
    .filter((place) => place.length > "/root".length && text.includes(place))
    .map((place) => `${path}: names the local path ${place} (${relative(root, folder)})`);
}
