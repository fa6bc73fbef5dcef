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
import { missingKeys } from "./missing-keys.ts";
import type { ProfileOptions } from "./profile-options.ts";

/** Every problem of the asked profiles, and how installed profiles get in each other's way. Exit code 2 when any is an error. */
export function validateProfiles(context: CliContext, { profileId, json }: ProfileOptions): void {
  const { home, env, output } = context;
  const ids = profileId === undefined ? listProfileIds(home) : [profileId];
  if (ids.length === 0) {
    throw new UserError(`No profile is installed under ${home}. Make one with "acp init --profile-id <id>".`, {
      exitCode: 66,
    });
  }
  const checked = ids.map((id) => checkProfile(home, id, env));
  const overlaps = profileOverlaps(installedProfiles(home, env)).filter(({ profileIds }) =>
    profileIds.some((id) => ids.includes(id)),
  );
  const ok =
    checked.every(({ problems }) => problems.length === 0) && overlaps.every(({ severity }) => severity === "warning");
  context.exitWith(ok ? 0 : 2);
  if (json === true) output.json({ ok, profiles: checked, overlaps });
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

function checkProfile(home: string, id: string, env: NodeJS.ProcessEnv): CheckedProfile {
  const parsed = readProfile(home, id, env, backends);
  const missing = parsed.ok ? missingKeys(parsed, env) : { problems: parsed.problems, warnings: [] };
  const problems = [...missing.problems, ...secretsProblems(home, id)];
  return { id, file: profileFile(home, id), problems, warnings: missing.warnings };
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

function installedProfiles(home: string, env: NodeJS.ProcessEnv): readonly Profile[] {
  return listProfileIds(home).flatMap((id) => {
    const parsed = readProfile(home, id, env, backends);
    return parsed.ok ? [parsed.profile] : [];
  });
}
