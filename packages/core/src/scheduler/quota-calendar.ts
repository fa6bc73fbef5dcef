import { mayShow, provenOver, type Witness } from "../decide/provider/decide-proven.ts";
import { nextQuota } from "../decide/provider/decide-quota.ts";
import { coolingOf } from "../decide/provider/pick-provider.ts";
import { keyOfLimit } from "../decide/provider/quota-covers.ts";
import type { Provider, ProviderLimit } from "../domain/provider.ts";
import type { Session } from "../domain/session.ts";
import type { SessionRunner } from "../ports.ts";
import type { Store } from "../store/store.ts";
import type { Project } from "./project.ts";

/** Whoever works something that providers may refuse. */
export type Calendar = Pick<Project, "runtimeId" | "log"> & { readonly store: Pick<Store, "quotas"> };
type Progress = Pick<SessionRunner, "progressAt">;

/** A session met a limit: nothing that the limit covers starts before it ends, in any profile of this store. */
export async function recordLimit(
  { store, runtimeId, log }: Calendar,
  agent: Session,
  limit: ProviderLimit,
): Promise<void> {
  const key = keyOfLimit(limit, agent);
  const quota = await store.quotas.record(key, (before, now) => nextQuota(before, key, limit, now), runtimeId);
  log.info("provider limit", {
    ...{ sessionId: agent.id, scope: quota.scope, reason: quota.reason, source: quota.source },
    ...{ resetAt: new Date(quota.resetAt).toISOString(), hits: quota.hits },
  });
}

/** Takes limits off the calendar that these sessions show to be over. No limit there: one read of an empty table. */
export async function proveOver(
  { store, runtimeId, clock, runner, log }: Calendar & Pick<Project, "clock"> & { readonly runner: Progress },
  sessions: readonly Session[],
): Promise<void> {
  const quotas = await store.quotas.list();
  const now = clock.now();
  if (!quotas.some(({ resetAt }) => resetAt <= now)) return;
  const witnesses = sessions.map((session): Witness => {
    const witness = { ...session, progressAt: null };
    const isAsked = session.state === "running" && mayShow(quotas, witness, now);
    return isAsked ? { ...witness, progressAt: runner.progressAt?.(session) ?? null } : witness;
  });
  for (const { scope } of provenOver(quotas, witnesses, now)) {
    if (await store.quotas.proven(scope, runtimeId)) log.info("provider limit is over", { scope });
  }
}

/** Asked once more before a claim: the plan may be older than what another session met meanwhile. */
export async function isCooling({ store, clock }: Project, provider: Provider): Promise<boolean> {
  return coolingOf(provider, await store.quotas.list(), clock.now()) !== null;
}
