import { readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, sep } from "node:path";
import { packageName } from "./places.ts";

/** A file that a version is made of. */
export interface PackageFile {
  readonly from: string;
  /** Inside the folder of the version. */
  readonly to: string;
  readonly isExecutable: boolean;
}

/** Programs that fetch or compile the native module when npm installs it: done by then. */
const installers = new Set(["prebuild-install"]);
/** What a native module is compiled from and with; only its library is loaded. */
const notLoaded = /(^|\/)(deps|src|node_modules)\/|(^|\/)build\/(?!Release\/better_sqlite3\.node$)/;

/**
 * The package and, wherever npm or pnpm put them, the packages it needs: laid out flat in one `node_modules`, so that
 * nothing outside is looked at. By name of place, so that two lists of the same content are equal.
 */
export function packageFiles(folder: string): readonly PackageFile[] {
  const packages = new Map([[packageName, realpathSync(folder)]]);
  for (const [, place] of packages) {
    for (const name of neededBy(place)) if (!packages.has(name)) packages.set(name, placeOf(name, place));
  }
  return [...packages]
    .flatMap(([name, place]) =>
      filesUnder(place, "")
        .filter((path) => !(name === packageName ? /^(node_modules|types)\// : notLoaded).test(path))
        .map((path) => ({
          from: join(place, path),
          to: `node_modules/${name}/${path}`,
          isExecutable: (statSync(join(place, path)).mode & 0o100) !== 0,
        })),
    )
    .sort((a, b) => (a.to < b.to ? -1 : 1));
}

function neededBy(place: string): readonly string[] {
  const { dependencies = {} } = JSON.parse(readFileSync(join(place, "package.json"), "utf8"));
  return Object.keys(dependencies).filter((name) => !installers.has(name));
}

/** As Node finds it from there. */
function placeOf(name: string, from: string): string {
  const entry = realpathSync(createRequire(join(from, "package.json")).resolve(name));
  for (let folder = dirname(entry); folder !== dirname(folder); folder = dirname(folder)) {
    if (folder.endsWith(`${sep}node_modules${sep}${name}`)) return folder;
  }
  throw new Error(`Package ${name} of ${from} is not in a node_modules folder: ${entry}.`);
}

function filesUnder(root: string, below: string): readonly string[] {
  return readdirSync(join(root, below), { withFileTypes: true }).flatMap((entry) => {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) return entry.name === "node_modules" ? [] : filesUnder(root, path);
    return statSync(join(root, path)).isFile() ? [path] : [];
  });
}
