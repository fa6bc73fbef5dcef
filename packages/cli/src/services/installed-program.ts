import { existsSync } from "node:fs";
import { join } from "node:path";

/** Where the program of the installed version may lie below `current`. */
const places = ["node_modules/agent-control-plane/dist/cli.js", "package/dist/cli.js", "dist/cli.js"] as const;

/**
 * The program a service starts: that of the version which `current` points to, named by way of `current`, so that
 * another version needs no other service file. Null: no version is installed.
 */
export function installedProgram(home: string): string | null {
  const current = join(home, "runtime-home", "current");
  return places.map((place) => join(current, place)).find((file) => existsSync(file)) ?? null;
}
