import { cpSync, mkdirSync, realpathSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { builtCli } from "./product.ts";

/** Puts the built package where `acp sync` would, so that services can start it. Answers its program. */
export function installBuiltVersion(home: string): string {
  const built = dirname(dirname(builtCli));
  const modules = join(home, "runtime-home", "versions", "0.0.1", "node_modules");
  mkdirSync(modules, { recursive: true });
  cpSync(built, join(modules, "agent-control-plane"), { recursive: true });
  const native = realpathSync(join(built, "..", "node_modules", "better-sqlite3"));
  symlinkSync(native, join(modules, "better-sqlite3"));
  symlinkSync(join("versions", "0.0.1"), join(home, "runtime-home", "current"));
  return join(home, "runtime-home", "current", "node_modules", "agent-control-plane", "dist", "cli.js");
}
