import { formatProblem, type Profile, profileError, readProfile } from "@agent-control-plane/core";
import { backends } from "@agent-control-plane/runners/backends";
import { fixedChanges } from "./fixed-changes.ts";
import { type OpenProject, openProject, type Surroundings } from "./open-project.ts";
import type { RulesProblem } from "./rules-problem.ts";

export type LoadedRules =
  | { readonly ok: true; readonly open: OpenProject }
  | {
      readonly ok: false;
      readonly state: RulesProblem["state"];
      readonly problems: readonly string[];
      /** Nothing in the files is wrong: a token or a forge was not there, and may be back by itself. */
      readonly mayPass: boolean;
      readonly error: unknown;
    };

/**
 * Reads a profile and opens its project; never throws. With `before`, only what a running daemon can take over: the
 * rest needs a restart. What was known of the repository's items goes on being known.
 */
export async function loadRules(
  profileId: string,
  before: OpenProject | null,
  around: Omit<Surroundings, "known">,
): Promise<LoadedRules> {
  const state = before ? "last-good" : "not-loaded";
  const { home, env } = around.context;
  try {
    const parsed = readProfile(home, profileId, env, backends);
    if (!parsed.ok) {
      const error = profileError(profileId, parsed.problems);
      return { ok: false, state, problems: parsed.problems.map(formatProblem), mayPass: false, error };
    }
    const changes = before ? fixedChanges(before.profile, parsed.profile) : [];
    if (changes.length > 0) return refused(parsed.profile, changes);
    const known = before ? { known: before.project.known } : {};
    return { ok: true, open: await openProject(parsed.profile, { ...around, ...known }) };
  } catch (error) {
    return {
      ok: false,
      state,
      problems: [error instanceof Error ? error.message : String(error)],
      mayPass: true,
      error,
    };
  }
}

function refused({ id }: Profile, changes: readonly string[]): LoadedRules {
  const fix = `A running daemon cannot take this over: restart needed. Fix: "acp runtime restart --profile-id ${id}", or take the change back.`;
  const problems = changes.map((change) => `${change} ${fix}`);
  return { ok: false, state: "restart-needed", problems, mayPass: false, error: new Error(problems.join("\n")) };
}
