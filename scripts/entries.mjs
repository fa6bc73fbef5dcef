// What the published package is made of.
import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";

const fixed = [
  { output: "cli", source: "packages/cli/src/main.ts" },
  { output: "core", source: "packages/core/src/public.ts" },
];

/** `{ cli: "/…/main.ts", core: "/…/public.ts", "session-wrapper": … }`: each output file and the source it is bundled from. */
export function entryPoints(root) {
  const found = {};
  for (const { output, source } of fixed) found[output] = join(root, source);
  // Programs the CLI starts as processes of their own, for example the session wrapper: one output each.
  const programs = join(root, "packages/cli/src/entries");
  for (const name of existsSync(programs) ? readdirSync(programs).sort() : []) {
    if (name.endsWith(".ts") && !name.endsWith(".test.ts")) found[basename(name, ".ts")] = join(programs, name);
  }
  return found;
}
