import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  formatProblem,
  hostFile,
  loadHostLimits,
  type Profile,
  type ProfileOverlap,
  profileFile,
  profileOverlaps,
  readProfile,
} from "@agent-control-plane/core";
import { backends } from "@agent-control-plane/runners/backends";
import { type Finding, note, ok, problem, quoted } from "../finding.ts";
import { type Check, installedIds, type Scope } from "../scope.ts";

export interface ProfileFacts {
  readonly checked: readonly { readonly id: string; readonly file: string; readonly problems: readonly string[] }[];
  readonly overlaps: readonly ProfileOverlap[];
  /** What is wrong with host.yaml; null: nothing. */
  readonly host: { readonly file: string; readonly problem: string | null };
  readonly valid: readonly {
    readonly id: string;
    readonly file: string;
    /** Its checkout, when that is named and is no git repository (any more). */
    readonly checkoutGone: string | null;
    readonly hasVerification: boolean;
  }[];
}

export const profilesCheck: Check = {
  name: "profiles",
  limitMs: 5_000,
  look: async (scope) => judgeProfiles(readProfiles(scope)),
};

function judgeProfiles({ checked, overlaps, host, valid }: ProfileFacts): readonly Finding[] {
  const found = [
    ...checked.flatMap(({ id, file, problems }) => (problems.length === 0 ? [] : [invalid(id, file, problems)])),
    ...(host.problem === null ? [] : [badHost(host.file, host.problem)]),
    ...overlaps.map(overlap),
    ...valid.flatMap(({ id, file, checkoutGone }) =>
      checkoutGone === null ? [] : [checkoutMissing(id, file, checkoutGone)],
    ),
    ...valid.flatMap(({ id, file, hasVerification }) => (hasVerification ? [] : [unverified(id, file)])),
  ];
  const names = checked.map(({ id }) => id).join(", ");
  return found.length === 0 && checked.length > 0
    ? [ok("profiles", names, `${names}: valid, none in another's way`)]
    : found;
}

const invalid = (profileId: string, file: string, problems: readonly string[]): Finding =>
  problem("profile-invalid", {
    ...{ subject: file, profileId, found: problems.join("\n") },
    fix: "correct the file; each line says how.",
    command: `acp profile validate --profile-id ${profileId}`,
  });

const badHost = (file: string, found: string): Finding =>
  problem("host-config-invalid", { subject: file, found, fix: `correct ${file}, or remove it for the defaults.` });

function overlap({ severity, profileIds, message, fix }: ProfileOverlap): Finding {
  const said = {
    subject: profileIds.join(", "),
    profileId: profileIds[0],
    found: message,
    fix,
    command: "acp profile validate",
  };
  return severity === "error" ? problem("profile-overlap", said) : note("profile-overlap", said);
}

const checkoutMissing = (profileId: string, file: string, root: string): Finding =>
  note("checkout-missing", {
    ...{ subject: root, profileId, found: `repo.root of "${profileId}" is ${root}, which is no git repository` },
    fix: `name your checkout in ${file}, or remove the key; nothing is ever worked in it.`,
  });

const unverified = (profileId: string, file: string): Finding =>
  note("verification-missing", {
    ...{
      subject: file,
      profileId,
      found: `profile "${profileId}" has no verification.commands, so nothing it makes is published`,
    },
    fix: "name the commands that test the repository under verification.commands.",
  });

function readProfiles({ context: { home, env }, profileIds }: Scope): ProfileFacts {
  const read = profileIds.map((id) => ({ id, file: profileFile(home, id), ...problemsOf(home, id, env) }));
  const valid = read.flatMap(({ profile }) => (profile ? [profile] : []));
  const all = installedIds(home).flatMap((id) => problemsOf(home, id, env).profile ?? []);
  return {
    checked: read.map(({ id, file, problems }) => ({ id, file, problems })),
    overlaps: profileOverlaps(all).filter((one) => one.profileIds.some((id) => profileIds.includes(id))),
    host: { file: hostFile(home), problem: hostProblem(home) },
    valid: valid.map(({ id, file, repo, verification }) => ({
      ...{ id, file, hasVerification: verification.commands.length > 0 },
      checkoutGone: repo.root !== null && !existsSync(join(repo.root, ".git")) ? quoted(repo.root) : null,
    })),
  };
}

function problemsOf(
  home: string,
  id: string,
  env: NodeJS.ProcessEnv,
): { readonly profile: Profile | null; readonly problems: readonly string[] } {
  try {
    const parsed = readProfile(home, id, env, backends);
    return parsed.ok
      ? { profile: parsed.profile, problems: [] }
      : { profile: null, problems: parsed.problems.map(formatProblem) };
  } catch (error) {
    return { profile: null, problems: [error instanceof Error ? error.message : String(error)] };
  }
}

function hostProblem(home: string): string | null {
  try {
    loadHostLimits(home, backends);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
