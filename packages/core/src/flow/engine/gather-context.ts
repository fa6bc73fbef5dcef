import { randomBytes } from "node:crypto";
import { lstatSync } from "node:fs";
import { join } from "node:path";
import type { Flow, FlowTask } from "../../domain/flow.ts";
import type { Instant } from "../../domain/time.ts";
import type { FlowStore } from "../../store/ports/flows.ts";
import { type Artefact, type ContextLayer, contextOf, type DirectInput, mostEnded } from "../context/context-of.ts";
import { outputFolder } from "../context/output-folder.ts";

/** The four layers that an attempt is given, from what the store knows now. Reads the task's inputs, not the whole flow. */
export async function gatherContext(
  flows: FlowStore,
  { flow, task }: { readonly flow: Flow; readonly task: FlowTask },
  now: Instant,
): Promise<Readonly<Record<ContextLayer, string>>> {
  const { dependsOn } = task.spec;
  const needed = dependsOn.length === 0 ? [] : await flows.tasks(flow.id, { ids: dependsOn });
  const answered = task.reason === null ? [] : await flows.decisions({ flowId: flow.id, open: false });
  const decision = answered.filter(({ taskId, answer }) => taskId === task.id && answer !== null).at(-1);
  const inputs = dependsOn.flatMap((id) => needed.filter((each) => each.id === id));
  return contextOf({
    flow,
    remainingMs: flow.deadlineAt === null ? null : flow.deadlineAt - now,
    tasks: { counts: await countsOf(flows, flow.id), ended: await flows.ended(flow.id, mostEnded) },
    task,
    directInputs: inputs.map(inputOf),
    feedback: task.feedback,
    decision: decision
      ? { question: decision.question, answer: decision.answer ?? "", answeredBy: decision.answeredBy }
      : null,
    artefacts: inputs.flatMap((each) => Object.values(outputsOf(each))),
    nonce: randomBytes(8).toString("hex"),
  });
}

async function countsOf(flows: FlowStore, flowId: string) {
  const { total: _, ...counts } = await flows.counts(flowId);
  return counts;
}

const inputOf = (task: FlowTask): DirectInput => ({
  ...{ id: task.id, name: task.spec.name, state: task.state, reason: task.reason, summary: task.summary },
  ...{ result: task.result, outputs: outputsOf(task) },
});

function outputsOf({ id, spec, attemptFolder }: FlowTask): Readonly<Record<string, Artefact>> {
  if (attemptFolder === null) return {};
  return Object.fromEntries(
    Object.keys(spec.outputs).map((name) => [
      name,
      fileAt(join(outputFolder(attemptFolder), name), { task: id, name }),
    ]),
  );
}

/** A folder has no size of its own. */
function fileAt(path: string, of: Pick<Artefact, "task" | "name">): Artefact {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return { ...of, path, bytes: stat?.isFile() ? stat.size : null };
}
