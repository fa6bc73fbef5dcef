// The pages in docs/ that are made from the program, as they should be.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { systemClock } from "@agent-control-plane/core";
import { createOutput } from "../../packages/cli/src/output.ts";
import { createProgram } from "../../packages/cli/src/program.ts";
import { cliReference } from "./cli-reference.ts";
import { withConfigurationTable } from "./configuration-table.ts";

/** By path below the root: the text that should stand there. */
export async function pagesIn(root: string): Promise<Readonly<Record<string, string>>> {
  const configuration = readFileSync(join(root, "docs/configuration.md"), "utf8");
  return {
    "docs/cli.md": cliReference(await programToRead()),
    "docs/configuration.md": withConfigurationTable(configuration),
  };
}

/** Of nobody's machine: no command of it is run. */
export function programToRead(): ReturnType<typeof createProgram> {
  const nowhere = { write: () => true };
  const stream = new PassThrough();
  return createProgram({
    ...{ env: {}, cwd: "/", home: "/", clock: systemClock, interactive: false, exitWith() {} },
    ...{ stdin: stream as never, stdout: stream as never, stderr: stream as never },
    output: createOutput(nowhere, nowhere, {}),
  });
}
