import { isApprovalQuestion } from "../../decide/publish/approval-rows.ts";
import { fieldsOf } from "../../domain/fields.ts";
import type { Snapshot } from "../../domain/snapshot.ts";
import type { Project } from "../project.ts";

/** Of work that waits for an approval: the questions that are on the forge. One that is on its way asks nobody yet. */
export async function readQuestions(
  { store }: Project,
  awaiting: Snapshot["awaiting"],
): Promise<Snapshot["questions"]> {
  const questions = new Map<number, { readonly commentId: number | null; readonly sentAt: number }>();
  for (const taskId of awaiting) {
    const rows = await store.outbox.list({ taskId, states: ["sent"] });
    const asked = rows.findLast(isApprovalQuestion);
    if (!asked || asked.sentAt === null) continue;
    const { id } = fieldsOf(asked.result);
    questions.set(taskId, { commentId: typeof id === "number" ? id : null, sentAt: asked.sentAt });
  }
  return questions;
}
