import {
  Jobs,
  loadHostLimits,
  loadProfile,
  openStore,
  type Project,
  type Store,
  storePath,
  systemClock,
} from "@agent-control-plane/core";
import { backends } from "@agent-control-plane/runners/backends";
import type { CliContext } from "../context.ts";
import { refuseToUpgrade } from "../versions/upgrade-guard.ts";

import { openProject } from "./open-project.ts";
import { silentLog } from "./silent-log.ts";

/** A project to look at the world with, beside a running daemon or without one; nothing is launched by it. */
export async function withProjectToRead<T>(
  context: CliContext,
  profileId: string,
  use: (open: { readonly project: Project; readonly store: Store }) => Promise<T>,
): Promise<T> {
  const profile = loadProfile(context.home, profileId, context.env, backends);
  const limits = loadHostLimits(context.home, backends);
  refuseToUpgrade(context.home);
  const store = await openStore({ path: storePath(context.home) });
  try {
    const { project } = await openProject(profile, {
      context,
      runtimeId: "reader",
      store,
      clock: systemClock,
      log: silentLog,
      jobs: new Jobs(silentLog, systemClock),
      hostLimits: () => limits,
    });
    return await use({ project, store });
  } finally {
    await store.close();
  }
}
