import { spawnSync } from "node:child_process";
import { listProfileIds, type Profile, type ProfileOverlap, profileOverlaps } from "@agent-control-plane/core";
import { type CheckedBackend, checkedBackends } from "../backends/check-backends.ts";
import type { CliContext } from "../context.ts";
import { githubSlug } from "../init/inspect-repository.ts";
import { noProfile } from "../select-profile.ts";
import { installedProfiles } from "./installed-profiles.ts";
import type { ProfileOptions } from "./profile-options.ts";
import { withRealFolders } from "./real-folders.ts";
import { checkProfile } from "./validate-profiles.ts";

interface SmokedProfile {
  readonly id: string;
  readonly ok: boolean;
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
  /** The programs of its workers, as a session would find them; empty when the profile is not valid. */
  readonly backends: readonly CheckedBackend[];
}

/**
 * Each profile by its file alone, whatever this shell's environment says, and the programs of its workers tried. Exit code 1 when
 * one cannot work.
 */
export async function smokeProfiles(context: CliContext, { profileId, json }: ProfileOptions): Promise<void> {
  const { home, env, output } = context;
  const ids = profileId === undefined ? listProfileIds(home) : [profileId];
  if (ids.length === 0) throw noProfile(home);
  const clean = withoutOverrides(env);
  const overlaps = profileOverlaps(installedProfiles(home, clean).map(withRealFolders));
  const profiles: SmokedProfile[] = [];
  for (const id of ids) profiles.push(await smoke({ ...context, env: clean }, id, overlaps));
  const ok = profiles.every((each) => each.ok);
  context.exitWith(ok ? 0 : 1);
  if (json === true) {
    output.json({ ok, profiles });
    return;
  }
  const { green, red } = output.style;
  for (const each of profiles) {
    const used = each.backends.map(({ name, version }) => (version === null ? name : `${name} ${version}`)).join(", ");
    output.print(`${each.ok ? green("ok") : red("failed")} ${each.id}${used === "" ? "" : `  (${used})`}`);
    for (const problem of each.problems) output.print(`  ${problem}`);
    for (const warning of each.warnings) output.note(`${output.noteStyle.yellow("warning:")} ${each.id}: ${warning}`);
  }
}

async function smoke(context: CliContext, id: string, overlaps: readonly ProfileOverlap[]): Promise<SmokedProfile> {
  const { problems: found, profile } = checkProfile(context.home, id, context.env);
  const own = overlaps.filter(({ profileIds }) => profileIds.includes(id));
  const textOf = ({ message, fix }: { message: string; fix: string }) => `${message} Fix: ${fix}`;
  const tried = profile === null ? [] : (await checkedBackends(context, id)).filter(({ isUsed }) => isUsed);
  const programs = tried.filter(({ lacks }) => lacks === "program" || lacks === "setting");
  const problems = [
    ...found.map(({ file, line, path, message, fix }) => `${file}:${line} ${path}: ${message} Fix: ${fix}`),
    ...own.filter(({ severity }) => severity === "error").map(textOf),
    ...programs.map(({ name, problem }) => `${name}: ${problem ?? "does not run"}`),
    ...(profile === null ? [] : otherRepository(profile, context.env)),
  ];
  const logins = tried.filter(({ ok, lacks }) => !ok && lacks === "login");
  const warnings = [
    ...own.filter(({ severity }) => severity === "warning").map(textOf),
    ...logins.map(({ name, problem }) => `${name}: ${problem ?? "no login"}`),
  ];
  return { id, ok: problems.length === 0, problems, warnings, backends: tried };
}

/** A checkout whose origin on github.com is another repository than the profile's. */
function otherRepository({ repo, forge }: Profile, env: NodeJS.ProcessEnv): readonly string[] {
  if (repo.root === null || forge.provider !== "github") return [];
  const ran = spawnSync("git", ["-C", repo.root, "config", "--get", "remote.origin.url"], {
    encoding: "utf8",
    env: { PATH: env.PATH ?? "", GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null" },
  });
  const found = ran.status === 0 ? githubSlug(ran.stdout.trim()) : null;
  if (found === null || found.toLowerCase() === repo.slug.toLowerCase()) return [];
  return [
    `origin of ${repo.root} is ${found}, and the profile's repo.slug is ${repo.slug}. Fix: correct one of the two.`,
  ];
}

/** The file counts: what `ACP_*` of this shell would replace is not what a service started at boot reads. */
const withoutOverrides = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("ACP_")));
