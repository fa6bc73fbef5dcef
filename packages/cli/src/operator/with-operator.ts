import { loadProfile, openStore, type Profile, storePath, systemClock } from "@agent-control-plane/core";
import { connectRepository, type Operator, openGate } from "@agent-control-plane/reconcile";
import { backends } from "@agent-control-plane/runners/backends";
import type { CliContext } from "../context.ts";
import { operatorToken } from "../init/prepare-local-forge.ts";
import { type ForgeAccess, resolveForge } from "../runtime/resolve-forge.ts";
import { selectProfileId } from "../select-profile.ts";
import { refuseToUpgradeUnderDaemon } from "../versions/upgrade-guard.ts";

/** Runs one act of the person at the forge of a profile, through the same gate the runtime uses. */
export async function withOperator<T>(
  context: CliContext,
  profileId: string | undefined,
  act: (operator: Operator, profile: Profile) => Promise<T>,
): Promise<T> {
  const profile = loadProfile(context.home, selectProfileId(context, profileId), context.env, backends);
  const forge = await personsAccess(context, profile);
  refuseToUpgradeUnderDaemon(context.home);
  const store = await openStore({ path: storePath(context.home) });
  try {
    const gate = openGate({
      apiUrl: forge.apiUrl,
      token: forge.token,
      tokenOrigin: forge.tokenOrigin,
      cooldowns: store.cooldowns,
      clock: systemClock,
      actor: "cli",
      timeoutMs: profile.forge.requestTimeoutMs,
      pace: { ...profile.forge.pace, store: store.pace },
    });
    const { owner, name: repo } = profile.repo;
    const { operator } = connectRepository(gate, { owner, repo }, { cache: store.forgeCache, clock: systemClock });
    return await act(operator, profile);
  } finally {
    await store.close();
  }
}

/** On the local forge the person and the runtime are two accounts, as they should be on any: labels say who set them. */
async function personsAccess(context: CliContext, profile: Profile): Promise<ForgeAccess> {
  const forge = await resolveForge(context, profile);
  if (profile.forge.provider !== "local" || profile.forge.apiUrl !== null) return forge;
  return { ...forge, token: await operatorToken(context), tokenOrigin: "the local forge's accounts" };
}
