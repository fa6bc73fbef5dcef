import { existsSync } from "node:fs";
import { join } from "node:path";

/**
 * The program a service starts: that of the version which `current` points to, named by way of `current`, so that
 * another version needs no other service file. Null: no version is installed.
 */
export function installedProgram(home: string): string | null {
  const file = join(home, "runtime-home", "current", "node_modules", "agent-control-plane", "dist", "cli.js");
  return existsSync(file) ? file : null;
}
