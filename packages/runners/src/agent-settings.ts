import { type BackendSettings, isSecondReview, type Profile, type Session, type Task } from "@agent-control-plane/core";

/**
 * The profile's settings of a session's backend, with the model that the session was given. One of an earlier version was
 * given none: its model is what the profile says.
 */
export function agentSettings(
  { execution, reviews }: Pick<Profile, "execution" | "reviews">,
  { backend, model: given }: Pick<Session, "backend"> & Partial<Pick<Session, "model">>,
  task: Pick<Task, "lane" | "payload">,
): { readonly model: string | null; readonly settings: BackendSettings } {
  const settings = execution.backends[backend] ?? {};
  // A backend without the key speaks to no model, or to one that is not ours to choose.
  if (!("model" in settings)) return { model: null, settings };
  const own = typeof settings.model === "string" ? settings.model : null;
  const model = given ?? (isSecondReview(task) ? reviews.second.model : null) ?? own;
  return { model, settings: { ...settings, model } };
}
