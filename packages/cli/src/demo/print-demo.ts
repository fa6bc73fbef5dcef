import { withoutMarkers } from "@agent-control-plane/reconcile";
import type { CliContext } from "../context.ts";
import type { DemoResult } from "./work-issues.ts";

export interface DemoDocument extends DemoResult {
  readonly backend: string;
  readonly scriptedModel: boolean;
  readonly durationMs: number;
  /** The runtime home that was kept. */
  readonly kept: string | null;
}

export function printDemo({ output }: CliContext, demo: DemoDocument): void {
  const { bold, dim, green, red, cyan } = output.style;
  const shown = demo.pullRequests.at(-1);
  if (shown) {
    output.print(`\n${bold(`Pull request #${shown.number}: ${shown.title}`)}\n\n${withoutMarkers(shown.body)}\n`);
    output.print(shown.diff.trimEnd().split("\n").map(colourLine).join("\n"));
  }
  output.print("");
  for (const issue of demo.issues) {
    const pull = demo.pullRequests.find((each) => each.number === issue.pullRequest);
    const what = pull ? `pull request #${pull.number}${pull.merged ? ", merged" : ""}` : "no pull request";
    output.print(
      `${issue.outcome === "published" ? green("✓") : red("✗")} #${issue.number} ${issue.title}  ${dim(`${issue.outcome ?? "not worked"}, ${what}`)}`,
    );
  }
  const { inputTokens = 0, outputTokens = 0, costUsd = 0 } = demo.usage;
  const money =
    demo.backend === "shell"
      ? "no model was asked, so it cost nothing"
      : demo.scriptedModel
        ? "no real model was asked, so it cost nothing"
        : `${inputTokens} tokens in, ${outputTokens} out, ${costUsd.toFixed(2)} USD`;
  output.print(
    `\n${(demo.durationMs / 1000).toFixed(1)} s; ${money}; ${demo.forgeRequests.total} forge requests, ${demo.forgeRequests.metered} of them metered`,
  );
  if (demo.problem !== null) output.print(red(demo.problem));
  if (demo.kept === null) output.print(dim('Everything was removed again. "--keep" leaves it to look around in.'));
  else
    output.print(
      `Look around:\n  export AGENT_RUNTIME_HOME=${demo.kept} ACP_PROJECT_ID=demo\n  acp pr list; acp issue list --state all; acp events; acp runtime start`,
    );

  function colourLine(line: string): string {
    if (line.startsWith("+") && !line.startsWith("+++")) return green(line);
    if (line.startsWith("-") && !line.startsWith("---")) return red(line);
    return line.startsWith("@@") ? cyan(line) : dim(line);
  }
}
