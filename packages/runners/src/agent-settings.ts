import { isSecondReview, type Profile, type Session, type Task } from "@agent-control-plane/core";
import type { BackendSettings } from "./backends/index.ts";

/** The profile's settings of a session's backend; a second review may have a model of its own. */
export function agentSettings(
  { execution, reviews }: Pick<Profile, "execution" | "reviews">,
  { backend }: Pick<Session, "backend">,
  task: Pick<Task, "lane" | "payload">,
): { readonly model: string | null; readonly settings: BackendSettings } {
  if (backend !== "claude" && backend !== "codex") return { model: null, settings: execution.shell };
  const settings = execution[backend];
  const model = (isSecondReview(task) ? reviews.second.model : null) ?? settings.model;
  return { model, settings: { ...settings, model } };
}
