#!/usr/bin/env node
import { packageVersion } from "./version.ts";

/**
 * The program's edge, and the only place that knows `process`. The version is answered before anything else is loaded;
 * the exit code is set and the process ends by itself, so that a pipe gets everything we wrote.
 */
const args = process.argv.slice(2);

for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    // `acp events | head`, or a terminal that was closed: the reader has seen enough.
    if (error.code === "EPIPE" || error.code === "EIO") process.exit(0);
    throw error;
  });
}

if (args.length === 1 && (args[0] === "--version" || args[0] === "-V" || args[0] === "version")) {
  process.stdout.write(`${packageVersion()}\n`);
} else {
  const { runProgram } = await import("./program.ts");
  process.exitCode = await runProgram(args, {
    env: process.env,
    cwd: process.cwd(),
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
  });
}
