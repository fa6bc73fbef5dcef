import {
  formatProblem,
  listProfileIds,
  loadSecrets,
  type Profile,
  type ProfileOverlap,
  type ProfileProblem,
  profileFile,
  profileOverlaps,
  readProfile,
  secretsFile,
  UserError,
} from "@agent-control-plane/core";
import { backends } from "@agent-control-plane/runners/backends";
import type { CliContext } from "../context.ts";
import type { Output } from "../output.ts";
import { noProfile } from "../select-profile.ts";
import { installedProfiles } from "./installed-profiles.ts";
import { missingKeys } from "./missing-keys.ts";
import type { ProfileOptions } from "./profile-options.ts";
import { withRealFolders } from "./real-folders.ts";

/** Every problem of the asked profiles, and how installed profiles get in each other's way. Exit code 2 when any is an error. */
export function validateProfiles(context: CliContext, { profileId, json }: ProfileOptions): void {
  const { home, env, output } = context;
  const ids = profileId === undefined ? listProfileIds(home) : [profileId];
  if (ids.length === 0) throw noProfile(home);
  const checked = ids.map((id) => checkProfile(home, id, env));
  const overlaps = profileOverlaps(installedProfiles(home, env).map(withRealFolders)).filter(({ profileIds }) =>
    profileIds.some((id) => ids.includes(id)),
  );
  const ok =
    checked.every(({ problems }) => problems.length === 0) && overlaps.every(({ severity }) => severity === "warning");
  context.exitWith(ok ? 0 : 2);
  if (json === true) output.json({ ok, profiles: checked.map(({ profile: _, ...each }) => each), overlaps });
  else printFindings(output, checked, overlaps);
}

function printFindings(output: Output, checked: readonly CheckedProfile[], overlaps: readonly ProfileOverlap[]): void {
  const { red, green, yellow } = output.style;
  for (const { id, problems, warnings } of checked) {
    output.print(problems.length === 0 ? `${green("ok")} ${id}` : `${red("not valid")} ${id}`);
    for (const problem of problems) output.print(`  ${formatProblem(problem)}`);
    for (const warning of warnings) output.print(`  ${yellow("warning")} ${formatProblem(warning)}`);
  }
  for (const { severity, message, fix } of overlaps) {
    output.print(`${severity === "error" ? red("error") : yellow("warning")} ${message} Fix: ${fix}`);
  }
}

interface CheckedProfile {
  readonly id: string;
  readonly file: string;
  readonly problems: readonly ProfileProblem[];
  /** What would stop sessions here; where the runtime runs it may be otherwise. */
  readonly warnings: readonly ProfileProblem[];
}

export function checkProfile(
  home: string,
  id: string,
  env: NodeJS.ProcessEnv,
): CheckedProfile & { readonly profile: Profile | null } {
  const parsed = readProfile(home, id, env, backends);
  const missing = parsed.ok ? missingKeys(parsed, env) : { problems: parsed.problems, warnings: [] };
  const problems = [...missing.problems, ...secretsProblems(home, id)];
  const profile = parsed.ok ? parsed.profile : null;
  return { id, file: profileFile(home, id), problems, warnings: missing.warnings, profile };
}

function secretsProblems(home: string, id: string): readonly ProfileProblem[] {
  try {
    loadSecrets(home, id);
    return [];
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const fix = "then validate again.";
    return [{ file: secretsFile(home, id), line: 0, column: 0, path: "", message: error.message, fix }];
  }
}
