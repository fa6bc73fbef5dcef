import { type HostLimits, listProfileIds, loadHostLimits, type Profile, readProfile } from "@agent-control-plane/core";
import { backends } from "@agent-control-plane/runners/backends";
import type { CliContext } from "../context.ts";
import type { Finding } from "./finding.ts";

/** What every check looks at. */
export interface Scope {
  readonly context: CliContext;
  /** The asked profiles, also those that cannot be read. */
  readonly profileIds: readonly string[];
  /** Those of them that are valid. */
  readonly profiles: readonly Profile[];
  /** Null: host.yaml is not valid. */
  readonly limits: HostLimits | null;
}

/** One look at one part of an installation. It changes nothing, and what it cannot look at is a finding. */
export interface Check {
  readonly name: string;
  /** Longer than this and it is given up, which is a finding, too. */
  readonly limitMs: number;
  look(scope: Scope, signal: AbortSignal): Promise<readonly Finding[]>;
}

/** Reads profiles and host.yaml; a broken one keeps nothing of the others from being looked at. */
export function scopeOf(context: CliContext, profileIds: readonly string[]): Scope {
  const { home, env } = context;
  const profiles = profileIds.flatMap((id) => {
    const parsed = attempt(() => readProfile(home, id, env, backends));
    return parsed?.ok ? [parsed.profile] : [];
  });
  return { context, profileIds, profiles, limits: attempt(() => loadHostLimits(home, backends)) };
}

/** None, also when the folder cannot be read: the check of the home says so. */
export const installedIds = (home: string): readonly string[] => attempt(() => listProfileIds(home)) ?? [];

function attempt<T>(look: () => T): T | null {
  try {
    return look();
  } catch {
    return null;
  }
}
