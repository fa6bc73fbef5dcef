import { existsSync, readFileSync, realpathSync } from "node:fs";
import { basename, dirname, join, sep } from "node:path";
import { UserError } from "@agent-control-plane/core";
import { findAssets } from "../assets.ts";
import { idPattern, packageName, versionsFolder } from "./places.ts";

/** The package whose program runs here. */
export interface RunningPackage {
  readonly folder: string;
  readonly version: string;
  readonly commit: string | null;
  readonly kind: PackageKind;
}

/** Where npm, or we, put it. `npx-cache` is a folder that npm may delete at any time. */
export type PackageKind = "runtime-home" | "npx-cache" | "package" | "checkout";

/** Of the program that runs; throws `UserError` where there is no built one, as in the sources. */
export function runningPackage(home: string): RunningPackage {
  return readPackage(dirname(findAssets().profilesTemplate), home);
}

/** The same, and null where there is none: the sources are no version. */
export function builtPackage(home: string): RunningPackage | null {
  try {
    return runningPackage(home);
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}

/** Reads a package's own facts. */
export function readPackage(place: string, home: string): RunningPackage {
  const folder = realpathSync(place);
  const { name, version, commit } = readManifestOf(folder);
  if (name !== packageName || typeof version !== "string" || !existsSync(join(folder, "dist", "cli.js"))) {
    throw new UserError(
      `${folder} is not the published package (a built dist/cli.js under the name ${packageName}). Run "npm run build", ` +
        "then dist/package/dist/cli.js of the checkout.",
    );
  }
  if (!idPattern.test(version)) throw new UserError(`Package ${folder} has no version number, but "${version}".`);
  return { folder, version, commit: typeof commit === "string" ? commit : null, kind: kindOf(folder, home) };
}

/** The id of the installed version that this folder is inside of. */
export function idOfInstalled(folder: string, home: string): string | null {
  const parent = `${realOr(versionsFolder(home))}${sep}`;
  if (!folder.startsWith(parent)) return null;
  return folder.slice(parent.length).split(sep)[0] ?? null;
}

function kindOf(folder: string, home: string): PackageKind {
  if (idOfInstalled(folder, home) !== null) return "runtime-home";
  if (folder.split(sep).includes("_npx")) return "npx-cache";
  return basename(dirname(folder)) === "node_modules" ? "package" : "checkout";
}

function readManifestOf(folder: string): Record<string, unknown> {
  try {
    return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  } catch (error) {
    throw new UserError(`Package ${folder} cannot be read: ${(error as Error).message}. Install it again.`, {
      exitCode: 1,
      cause: error,
    });
  }
}

const realOr = (path: string): string => (existsSync(path) ? realpathSync(path) : path);
