// What the published package is made of. `whenItExists` names parts that are still being written: their absence is
// tolerated; remove the mark when the file is there (the CLI).
import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";

const fixed = [
  { output: "cli", sources: ["packages/cli/src/main.ts"] },
  // The first that exists is the public API.
  {
    output: "core",
    sources: ["packages/core/src/public.ts", "packages/core/src/task-api.ts", "packages/core/src/index.ts"],
  },
];

/** `{ cli: "/…/main.ts", core: "/…/public.ts", "session-wrapper": … }`: each output file and the source it is bundled from. */
export function entryPoints(root) {
  const found = {};
  for (const { output, sources, whenItExists } of fixed) {
    const source = sources.map((path) => join(root, path)).find((path) => existsSync(path));
    if (source) found[output] = source;
    else if (!whenItExists) throw new Error(`build: no source for "${output}": none of ${sources.join(", ")} exists`);
  }
  // Programs the CLI starts as processes of their own, for example the session wrapper: one output each.
  const programs = join(root, "packages/cli/src/entries");
  for (const name of existsSync(programs) ? readdirSync(programs).sort() : []) {
    if (name.endsWith(".ts") && !name.endsWith(".test.ts")) found[basename(name, ".ts")] = join(programs, name);
  }
  return found;
}
