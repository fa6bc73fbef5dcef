import type { BackendSettings, FlowTaskSpec, Profile, Provider, Session } from "@agent-control-plane/core";
import { accountEnvironment } from "../account-environment.ts";
import { agentSettings } from "../agent-settings.ts";
import { sessionEnvironment } from "../session/index.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Pure. Who may serve an agent's task, in the order of trying: the entries of the profile's pools with this backend, else
 * the backend itself with the profile's model for it. The task's own model goes before theirs.
 */
export function providersFor(
  { execution }: Pick<Profile, "execution">,
  { worker, model }: Pick<FlowTaskSpec, "worker" | "model">,
): readonly Provider[] {
  const { usual, ownModels } = execution.providers;
  const pools = usual.filter(({ backend }) => backend === worker);
  const alone = { backend: worker, model: ownModels[worker] ?? null, account: worker, pool: null };
  const found = pools.length > 0 ? pools : [alone];
  return model === null ? found : found.map((provider) => ({ ...provider, model }));
}

/** Pure. The settings of the backend with the model that was chosen. */
export const settingsFor = (
  profile: Pick<Profile, "execution" | "reviews">,
  of: Pick<Provider, "backend" | "model">,
): { readonly model: string | null; readonly settings: BackendSettings } =>
  agentSettings(profile, of, { lane: "flow-task", payload: null });

/** Pure. What an agent takes from our environment: what the profile gives its sessions, and what the plan gives the task. */
export function passedFor(
  profile: Pick<Profile, "execution">,
  { env }: Pick<FlowTaskSpec, "env">,
  of: Pick<Session, "pool">,
  host: Environment,
): { readonly pass: readonly string[]; readonly set: Readonly<Record<string, string>> } {
  const { pass, set } = accountEnvironment(profile, of, host);
  return { pass: [...pass, ...env.pass], set: { ...set, ...env.set } };
}

/** Pure. The same as an environment, for looking at what a session would have. */
export function environmentFor(
  profile: Pick<Profile, "execution">,
  spec: Pick<FlowTaskSpec, "env">,
  of: Pick<Session, "pool">,
  around: { readonly host: Environment; readonly secrets: readonly string[] },
): Record<string, string> {
  const { pass, set } = passedFor(profile, spec, of, around.host);
  return sessionEnvironment({ sessionId: "", runDir: "/", cwd: "/", promptFile: "", ...around, pass, backend: set });
}
