import { inTokens, moneyOf, UserError } from "@agent-control-plane/core";
import type { Command } from "commander";
import type { CliContext } from "../context.ts";
import { counted } from "../counted.ts";
import { examples } from "../examples.ts";

interface Options {
  readonly profileId?: string;
  readonly json?: boolean;
}

export function registerWhy(program: Command, context: CliContext): void {
  program
    .command("why [item]")
    .description("why an issue or pull request is, or is not, being worked now: asked of the function that decides")
    .option("--profile-id <id>", "which profile")
    .option("--json", "one JSON document on stdout")
    .addHelpText("before", examples(["acp why 12", "acp why '#12' --profile-id web --json"]))
    .action((item: string | undefined, options: Options) => explain(context, item, options));
}

async function explain(context: CliContext, item: string | undefined, options: Options): Promise<void> {
  if (item === undefined) {
    throw new UserError(
      'Which issue or pull request? Give its number, for example "acp why 12". "acp runtime status" says it of all.',
      { exitCode: 64 },
    );
  }
  const { explainItem } = await import("../runtime/explain-item.ts");
  const answer = await explainItem(context, item, options.profileId);
  if (options.json) return context.output.json(answer);
  const { bold, green, yellow, dim } = context.output.style;
  const verdict = answer.verdict === "launch" ? green("starts with the next tick") : yellow(answer.reason);
  const kind = answer.kind === "issue" ? "issue" : "pull request";
  context.output.print(`${bold(`${kind} #${answer.number}`)}  ${verdict}  ${dim(answer.lane)}`);
  if (answer.text) context.output.print(answer.text);
  if (answer.place !== null) context.output.print(`place ${answer.place} in the line of what waits for room`);
  if (answer.detail) context.output.print(dim(answer.detail));
  if (answer.unblockedBy) context.output.print(`${bold("until")}  ${answer.unblockedBy}`);
  if (answer.spent) {
    const { tokens, usd, sessions, unknownCost } = answer.spent;
    context.output.print(
      dim(`spent: ${inTokens(tokens)}, ${moneyOf(usd, sessions, unknownCost)}, ${counted(sessions, "session")}`),
    );
  }
  for (const line of answer.history) context.output.print(dim(`  ${line}`));
}
