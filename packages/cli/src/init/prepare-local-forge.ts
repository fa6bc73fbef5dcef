import type { Profile } from "@agent-control-plane/core";
import type { CliContext } from "../context.ts";

/**
 * Where `init --forge local` makes the repository on the local forge from `profile.repo.root`, before the profile is
 * installed. It must be safe to repeat: the installation after it may still fail. The local forge's own package is
 * wired in here by the composition root; until then a profile for it is only written.
 */
export async function prepareLocalForge(_context: CliContext, _profile: Profile): Promise<void> {}
