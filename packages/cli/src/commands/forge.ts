import { UserError } from "@agent-control-plane/core";
import type { Command } from "commander";
import type { CliContext } from "../context.ts";
import { examples } from "../examples.ts";

interface Options {
  readonly port?: string;
  readonly json?: boolean;
}

export function registerForge(program: Command, context: CliContext): void {
  const forge = program.command("forge").description("the local forge: issues and pull requests without GitHub");
  forge.addHelpText("before", examples(["acp forge status", "acp forge start", "acp forge stop"]));
  forge
    .command("run")
    .description("run it here, until a signal")
    .option("--port <number>", "listen there; default: the port of its last run")
    .addHelpText("before", examples(["acp forge run", "acp forge run --port 8780"]))
    .action((options: Options) => run(context, options));
  forge
    .command("start")
    .description("start it in the background; commands that need it do this by themselves")
    .option("--json", "one JSON document on stdout")
    .addHelpText("before", examples(["acp forge start"]))
    .action(async (options: Options) => {
      const { ensureLocalForge } = await import("../local-forge/ensure-local-forge.ts");
      const { gitUrl, apiUrl } = await ensureLocalForge(context);
      if (options.json) context.output.json({ running: true, url: gitUrl, apiUrl });
      else context.output.print(`the local forge runs at ${gitUrl}`);
    });
  forge
    .command("stop")
    .description("stop it; what it keeps stays")
    .option("--json", "one JSON document on stdout")
    .addHelpText("before", examples(["acp forge stop"]))
    .action(async (options: Options) => {
      const { stopLocalForge } = await import("../local-forge/stop-local-forge.ts");
      const stopped = await stopLocalForge(context);
      if (options.json) context.output.json({ running: false, stopped });
      else context.output.print(stopped ? "the local forge is stopped" : "the local forge does not run");
    });
  forge
    .command("status")
    .description("whether it runs, and where")
    .option("--json", "one JSON document on stdout")
    .addHelpText("before", examples(["acp forge status --json"]))
    .action(async (options: Options) => {
      const { runningLocalForge } = await import("../local-forge/ensure-local-forge.ts");
      const running = await runningLocalForge(context.home);
      if (options.json) context.output.json({ running: running !== null, url: running?.gitUrl ?? null });
      else context.output.print(running ? `the local forge runs at ${running.gitUrl}` : "the local forge does not run");
    });
}

async function run(context: CliContext, options: Options): Promise<void> {
  const { openLocalForge } = await import("../local-forge/run-local-forge.ts");
  const { localForgeData } = await import("../local-forge/ensure-local-forge.ts");
  const port = options.port === undefined ? undefined : Number(options.port);
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port < 65_536)) {
    throw new UserError(`--port ${options.port} is no port. Give a number from 0 (any free one) to 65535.`, {
      exitCode: 64,
    });
  }
  const forge = await openLocalForge(localForgeData(context.home), port);
  if (process.send) process.send({ url: forge.url });
  context.output.note(`the local forge runs at ${forge.url}`);
  if (process.send) {
    const { createLog } = await import("../logging.ts");
    const { localForgeLog } = await import("../local-forge/ensure-local-forge.ts");
    const { printToLog } = await import("../log/output-files.ts");
    const log = createLog({ file: localForgeLog(context.home) });
    log.info("local forge started", { url: forge.url, pid: process.pid });
    printToLog(log);
  }
  await new Promise<void>((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => resolve());
  });
  await forge.close();
}
