import { UserError } from "../../errors.ts";

/**
 * The SQLite module is built when the package is installed, for one Node and one system; pnpm builds none unless it is
 * told to. Turns what Node says about a module that is not there, or was built for another, into what a person can do.
 */
export function explainNativeError(error: unknown): unknown {
  const message = error instanceof Error ? error.message : String(error);
  const isMissing = /Could not locate the bindings file|Cannot find module .*better_sqlite3\.node/.test(message);
  const isOther = /NODE_MODULE_VERSION|ERR_DLOPEN_FAILED|invalid ELF header|wrong architecture|mach-o/i.test(message);
  if (!isMissing && !isOther) return error;
  const found = isMissing ? "was not built when the package was installed" : "was built for another Node or system";
  return new UserError(
    `The SQLite module ${found} (this is Node ${process.versions.node}, ABI ${process.versions.modules}, ` +
      `${process.platform} ${process.arch}). Build it: "npm rebuild better-sqlite3"; with pnpm "pnpm approve-builds", or ` +
      'add the package anew with "--allow-build=better-sqlite3". A compiler may be needed (g++, make, python3).',
    { exitCode: 1, cause: error },
  );
}
