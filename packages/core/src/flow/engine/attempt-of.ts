import type { Flow, FlowTask } from "../../domain/flow.ts";
import type { Session } from "../../domain/session.ts";
import type { FlowStore } from "../../store/ports/flows.ts";
import type { FlowAttempt } from "./flow-workers.ts";

/** What whoever runs this session is told of it. */
export async function attemptOf(
  flows: Pick<FlowStore, "task">,
  { flow, task, session }: { readonly flow: Flow; readonly task: FlowTask; readonly session: Session },
): Promise<FlowAttempt> {
  const { judges } = task.spec;
  const judged = judges === null ? null : await flows.task(flow.id, judges);
  return { flow, task, session, judgedFolder: judged?.attemptFolder ?? null };
}
