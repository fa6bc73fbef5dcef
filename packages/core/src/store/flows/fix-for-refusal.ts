import type { FlowRefusal } from "../ports/flows.ts";

/** What to do about a refusal, for people and agents. */
export const fixForRefusal: Readonly<Record<FlowRefusal, string>> = {
  "unknown-flow": "name a flow that there is; `acp flow list --all` shows them.",
  "unknown-task": "name a task of this flow; `acp flow status` shows them.",
  "flow-over": "submit a new flow, or retry a task of this one.",
  "flow-ending": "wait until it has ended, then retry a task or submit a new flow.",
  "flow-not-running": "nothing: it is as you want it.",
  "flow-not-paused": "nothing: it is as you want it.",
  "task-over": "nothing can be changed of it any more; add another task.",
  "task-begun": "cancel it, and add another task.",
  "task-not-over": "wait until it has ended, or cancel it first.",
  "task-tolerated": "add another task: what needed this one went on without it.",
  "needs-failed": "retry the task that it needs.",
  "bad-task": "correct the task, and add it anew.",
  "unknown-decision": "name the ref of a DECISION_NEEDED of this flow.",
  "foreign-decision": "answer it in the inbox of its own flow.",
  "already-answered": "nothing: the first answer holds.",
  "decision-expired": "retry the task when it has ended otherwise than wanted.",
  "decision-void": "nothing: its task went on or ended without it.",
  "unknown-answer": "give one of the answers that the question names.",
};
