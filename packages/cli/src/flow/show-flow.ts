import type { Flow, FlowStatus, FlowTaskState, FlowTaskStatus } from "@agent-control-plane/core";
import type { CliContext } from "../context.ts";
import { table } from "../output.ts";
import { ago } from "../runtime/ago.ts";
import { type DrawnLine, drawFlow } from "./draw-flow.ts";
import { flowsOf, type JsonOption } from "./flows-of.ts";
import { flowStatus } from "./library/look-at-flows.ts";
import { progressInWords } from "./progress.ts";

const usualLines = 60;

/** `acp flow status <id>`: its graph with how each task stands, and why what does not run does not. */
export async function status(
  context: CliContext,
  given: string,
  options: JsonOption & { readonly full?: boolean },
): Promise<void> {
  const found = await flowStatus(given, flowsOf(context));
  if (options.json) return context.output.json(found);
  const { output, clock } = context;
  const { bold, dim } = output.style;
  output.print(headOf(found.flow, output.style));
  output.print(`  ${progressInWords(found.counts)}`);
  for (const line of aboutFlow(found, clock.now())) output.print(dim(`  ${line}`));
  const lines = drawFlow(found.tasks.map(drawn), options.full ? Number.MAX_SAFE_INTEGER : usualLines);
  const tasks = new Map(found.tasks.map((task) => [task.id, task]));
  output.print(table(lines.map((line) => rowOf(line, tasks, clock.now(), output.style))));
  if (lines.some((line) => "folded" in line)) {
    output.print(dim(`  "acp flow status ${found.flow.id} --full" draws all ${found.tasks.length} tasks`));
  }
  for (const { ref, taskId, question, options: answers } of found.decisions) {
    output.print(`${bold(`question ${ref}`)} of ${taskId}: ${question}`);
    for (const answer of answers) output.print(`  acp flow decide ${ref} --answer ${answer}`);
  }
}

type Style = CliContext["output"]["style"];

function headOf({ id, name, state, reason, ending }: Flow, style: Style): string {
  const why = reason === null ? "" : ` (${reason})`;
  const said = ending !== null && state === "running" ? `${state}, about to end${why}` : `${state}${why}`;
  return `${style.bold(id)}  ${name}  ${colourOf(state, style)(said)}`;
}

function aboutFlow({ flow, spend }: FlowStatus, now: number): readonly string[] {
  const { createdAt, finishedAt, deadlineAt, plan, folder } = flow;
  const { usd, tokens, attempts } = plan.budget;
  const of = (limit: number | null) => (limit === null ? "" : ` of ${limit}`);
  return [
    finishedAt === null ? `since ${ago(now - createdAt)}` : `took ${ago(finishedAt - createdAt)}`,
    ...(deadlineAt === null || finishedAt !== null ? [] : [`deadline ${new Date(deadlineAt).toISOString()}`]),
    `${spend.attempts}${of(attempts)} attempts${spend.tokens > 0 || tokens !== null ? `, ${spend.tokens}${of(tokens)} tokens` : ""}${spend.usd > 0 || usd !== null ? `, $${spend.usd.toFixed(2)}${of(usd)}` : ""}`,
    folder,
  ];
}

const drawn = (task: FlowTaskStatus) => ({
  ...{ id: task.id, needs: task.spec.dependsOn, state: task.state },
  interest: interests[task.state] + (task.hold !== null && task.state === "queued" ? 1 : 0),
});

/** What a person wants to see of a flow too large to be shown. */
const interests: Readonly<Record<FlowTaskState, number>> = {
  ...{ asking: 9, failed: 8, running: 7, judging: 6, queued: 4, cancelled: 3, skipped: 2, waiting: 1, succeeded: 0 },
};

function rowOf(
  line: DrawnLine,
  tasks: ReadonlyMap<string, FlowTaskStatus>,
  now: number,
  style: Style,
): readonly string[] {
  if ("folded" in line) {
    const counts = Object.entries(line.folded).map(([state, count]) => `${count} ${state}`);
    return [`  ${line.lead}${style.dim(`... ${counts.join(", ")}`)}`, "", "", "", ""];
  }
  const task = tasks.get(line.id) as FlowTaskStatus;
  const others = line.also.filter((id) => !task.hold?.needs.includes(id));
  const also = others.length === 0 ? "" : style.dim(`also after ${few(others)}`);
  return [
    `  ${line.lead}${line.id}`,
    colourOf(task.state, style)(task.state),
    attemptInWords(task),
    task.since === null ? "" : ago(now - task.since),
    [saidOf(task), also].filter((text) => text !== "").join("; "),
  ];
}

const mostNamed = 5;
const few = (ids: readonly string[]): string =>
  ids.length <= mostNamed ? ids.join(", ") : `${ids.slice(0, mostNamed).join(", ")} and ${ids.length - mostNamed} more`;

function attemptInWords({ state, attempts, tries, round }: FlowTaskStatus): string {
  if (attempts === 0) return "";
  const said =
    tries !== null && (state === "running" || state === "queued")
      ? `attempt ${Math.max(1, tries.number)} of ${tries.most}`
      : `${attempts} attempt${attempts === 1 ? "" : "s"}`;
  return round === 0 ? said : `${said}, round ${round}`;
}

function saidOf({ hold, reason, summary, state }: FlowTaskStatus): string {
  // What keeps its worker from beginning is the hold itself.
  if (hold?.code === "worker-waits") return `${hold.text} (${reason})`;
  const before = state === "succeeded" ? "" : [reason ?? "", summary ?? ""].filter((text) => text !== "").join(": ");
  return [hold?.text ?? "", before].filter((text) => text !== "").join("; ");
}

function colourOf(state: string, { green, red, yellow, cyan, dim }: Style): (text: string) => string {
  if (state === "succeeded") return green;
  if (state === "failed") return red;
  if (state === "running" || state === "judging") return cyan;
  if (state === "asking" || state === "paused" || state === "cancelled") return yellow;
  return dim;
}
