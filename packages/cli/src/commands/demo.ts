import { backends } from "@agent-control-plane/runners/backends";
import { type Command, Option } from "commander";
import type { CliContext } from "../context.ts";
import type { DemoOptions } from "../demo/demo-options.ts";
import { examples } from "../examples.ts";

export function registerDemo(program: Command, context: CliContext): void {
  program
    .command("demo")
    .description("watch issues become verified pull requests, on a forge and in a folder of its own")
    .option("--repo <path>", "try it on a copy of this git repository; it is only read")
    .addOption(
      new Option("--backend <name>", "who does the work").choices(backends.map(({ name }) => name)).default("shell"),
    )
    .option("--scripted-model", "the backend's program asks a model of ours, which costs nothing")
    .option("--keep", "keep the folder to look around in")
    .option("--json", "one JSON document on stdout; progress goes to stderr")
    .addHelpText(
      "before",
      examples([
        "acp demo",
        "acp demo --repo ~/src/web --keep",
        "acp demo --backend codex --scripted-model",
        "acp demo --backend claude --json",
      ]),
    )
    .action(async (options: DemoOptions) => {
      const { runDemo } = await import("../demo/run-demo.ts");
      await runDemo(context, options);
    });
}
