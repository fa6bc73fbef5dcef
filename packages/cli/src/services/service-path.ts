import { realpathSync, statSync } from "node:fs";
import { delimiter, dirname, isAbsolute, join } from "node:path";
import { isProgram } from "../programs-on-path.ts";
import { isOfWindows } from "./wsl.ts";

export interface FoundTool {
  readonly name: string;
  /** Null: it is not on the PATH. */
  readonly file: string | null;
}

export interface ServicePath {
  /** The value of PATH for the service. */
  readonly path: string;
  readonly tools: readonly FoundTool[];
}

/**
 * The PATH of a service: the folders where the wanted tools were found, and what else of the person's own PATH is there
 * and stays, in its order. A folder that is gone with a shell, a package runner's cache or Windows' own is left out; a
 * tool that was found in one is taken from where it really lies.
 */
export function servicePath(
  wanted: readonly string[],
  env: NodeJS.ProcessEnv,
  tempFolder: string,
  isWindows = isOfWindows,
): ServicePath {
  const named = (env.PATH ?? "").split(delimiter).filter((folder) => isAbsolute(folder) && !folder.includes("\n"));
  // What Windows has there runs on Windows, if at all: an npm of that side starts a node of that side.
  const given = named.filter((folder) => !isWindows(folder));
  const lasting = given.filter((folder) => isLasting(folder, tempFolder) && isFolder(folder));
  const tools = [...new Set(wanted)].map((name) => ({ name, file: findTool(name, given) }));
  const own = tools.flatMap(({ file }) => (file === null ? [] : [dirname(lastingFile(file, tempFolder))]));
  return { path: [...new Set([...lasting, ...own])].join(delimiter), tools };
}

/** Where a program that the PATH names lies, or the path itself; null: nowhere. */
function findTool(name: string, folders: readonly string[]): string | null {
  if (isAbsolute(name)) return isProgram(name) ? name : null;
  if (name.includes("/")) return null;
  return folders.map((folder) => join(folder, name)).find(isProgram) ?? null;
}

const lastingFile = (file: string, tempFolder: string): string =>
  isLasting(dirname(file), tempFolder) ? file : realpathSync(file);

/** Of version managers, package runners and logins. */
const passing = [/\/fnm_multishells\//, /\/_npx\//, /\/node_modules\/\.bin$/, /^\/run\//];

function isLasting(folder: string, tempFolder: string): boolean {
  return !passing.some((one) => one.test(folder)) && folder !== tempFolder && !folder.startsWith(`${tempFolder}/`);
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
