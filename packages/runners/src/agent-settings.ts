import { type BackendSettings, isSecondReview, type Profile, type Session, type Task } from "@agent-control-plane/core";

/** The profile's settings of a session's backend; a second review may have a model of its own. */
export function agentSettings(
  { execution, reviews }: Pick<Profile, "execution" | "reviews">,
  { backend }: Pick<Session, "backend">,
  task: Pick<Task, "lane" | "payload">,
): { readonly model: string | null; readonly settings: BackendSettings } {
  const settings = execution.backends[backend] ?? {};
  // A backend without the key speaks to no model, or to one that is not ours to choose.
  if (!("model" in settings)) return { model: null, settings };
  const own = typeof settings.model === "string" ? settings.model : null;
  const model = (isSecondReview(task) ? reviews.second.model : null) ?? own;
  return { model, settings: { ...settings, model } };
}
