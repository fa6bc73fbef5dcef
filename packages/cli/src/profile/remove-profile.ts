import { lstatSync, mkdirSync, readdirSync, rmdirSync, rmSync, unlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { loadSecrets, type Profile, profileDir, readProfile, UserError } from "@agent-control-plane/core";
import { type ProfileFolders, readProfileFolders, removeProfileFolders } from "@agent-control-plane/runners";
import { backends } from "@agent-control-plane/runners/backends";
import { findAssets } from "../assets.ts";
import type { CliContext } from "../context.ts";
import { silentLog } from "../runtime/silent-log.ts";
import { startRuntime } from "../runtime/start-runtime.ts";
import { stopDaemons } from "../runtime/stop-daemon.ts";
import { refuseNotInstalled } from "../select-profile.ts";
import { readServiceState, type ServiceState } from "../services/read-service-state.ts";
import { uninstallService } from "../services/uninstall.ts";
import { askYes } from "./ask.ts";
import { describeRemoval } from "./describe-removal.ts";
import { installedProfiles } from "./installed-profiles.ts";
import { exportOf, exportText } from "./profile-export.ts";
import { replaceFile } from "./replace-file.ts";
import { type AtWork, readAtWork } from "./work-at-hand.ts";

export interface RemoveOptions {
  readonly profileId: string;
  readonly stop?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** What a removal is about to do; every path is absolute. */
export interface Removal {
  readonly profileId: string;
  readonly dryRun: boolean;
  readonly removes: readonly string[];
  readonly leaves: ProfileFolders["leaves"];
  /** Refs of the anchor that go into `bundle` first. */
  readonly keptRefs: readonly string[];
  readonly keptIn: { readonly profile: string; readonly bundle: string | null };
  readonly atWork: AtWork;
}

/**
 * Takes a profile off this machine: only folders that carry our mark, never a person's checkout, and nothing that only
 * they held is lost. History stays in the store.
 */
export async function removeProfile(context: CliContext, options: RemoveOptions): Promise<void> {
  const { home, env } = context;
  const { profileId: id } = options;
  refuseNotInstalled(home, id);
  const parsed = readProfile(home, id, env, backends);
  const profile = parsed.ok ? parsed.profile : null;
  const found = profile === null ? brokenOne(home, id) : await readProfileFolders(profile, guarded(context, profile));
  const atWork = await readAtWork(context, id);
  const service = await readServiceState(context, { profileId: id });
  const removal = withService(removalOf(context, options, found, atWork), service);
  if (options.dryRun === true) {
    describeRemoval(context, removal, options.json === true);
    return context.output.note("Nothing was removed.");
  }
  if (options.json !== true) describeRemoval(context, { ...removal, dryRun: true }, false);
  await beAllowed(context, options, atWork);
  if (atWork.daemons.length > 0 || atWork.sessions > 0) await stopWork(context, id);
  // It would start a daemon for a profile that is gone, at each login.
  if (service.installed)
    await uninstallService(context, { profileId: id }, { dryRun: false, keepSessions: false, waitMs: 60_000 });
  const again = profile === null ? found : await readProfileFolders(profile, guarded(context, profile));
  const done = await removeAll(context, { profile, found: again, removal });
  if (atWork.others.length > 0) await startRuntime(context, atWork.others, { isFollowing: atWork.isFollowing });
  const leaves = [...removal.leaves, ...done.leaves];
  if (done.leaves.length > 0) context.exitWith(1);
  const result = { ...removal, leaves, keptRefs: again.kept, keptIn: { ...removal.keptIn, bundle: done.bundle } };
  describeRemoval(context, result, options.json === true);
}

/** People's folders and those of other profiles, as they are named. */
function guarded({ home, env }: CliContext, profile: Profile): readonly string[] {
  const others = installedProfiles(home, env).filter(({ id }) => id !== profile.id);
  const { HOME } = env;
  return [
    ...(profile.repo.root === null ? [] : [profile.repo.root]),
    ...others.flatMap(({ repo, runtime }) => [
      ...(repo.root === null ? [] : [repo.root]),
      ...[runtime.agentRoot, runtime.worktreeRoot, runtime.agentRepoRoot, runtime.runsRoot],
    ]),
    ...["control-plane", "state", "backups", "runtime-home", "local-forge", "logs"].map((name) => join(home, name)),
    ...(HOME === undefined ? [] : [join(HOME, ".ssh"), join(HOME, ".config")]),
  ];
}

const brokenOne = (home: string, id: string): ProfileFolders => ({
  ...{ worktrees: [], anchor: null, kept: [], folders: [], roots: [] },
  leaves: [
    {
      path: join(home, "projects", id),
      why: "the profile is not valid, so its folders are not known; correct it first to have them removed, too",
    },
  ],
});

function removalOf(context: CliContext, options: RemoveOptions, found: ProfileFolders, atWork: AtWork): Removal {
  const stamp = new Date(context.clock.now()).toISOString().replace(/[-:]|\.\d+/g, "");
  const kept = join(context.home, "backups", `profile-${options.profileId}-${stamp}`);
  const own = profileFolder(context.home, options.profileId);
  return {
    profileId: options.profileId,
    dryRun: options.dryRun === true,
    removes: [
      ...own.files,
      ...found.worktrees.map(({ path }) => path),
      ...(found.anchor === null ? [] : [found.anchor]),
      ...found.folders,
      ...found.roots.filter(({ made }) => made).map(({ path }) => path),
    ],
    leaves: [...found.leaves, ...own.leaves],
    keptRefs: found.kept,
    keptIn: { profile: `${kept}.yaml`, bundle: found.anchor === null ? null : `${kept}.bundle` },
    atWork,
  };
}

const withService = (removal: Removal, { installed, file }: ServiceState): Removal =>
  installed && file !== null ? { ...removal, removes: [...removal.removes, file] } : removal;

async function beAllowed(context: CliContext, { yes, stop, json, profileId }: RemoveOptions, atWork: AtWork) {
  if ((atWork.daemons.length > 0 || atWork.sessions > 0) && stop !== true) {
    const what = [
      ...(atWork.daemons.length > 0 ? [`a runtime (pid ${atWork.daemons.join(", ")}) serves it`] : []),
      ...(atWork.sessions > 0 ? [`${atWork.sessions} session(s) of it are at work`] : []),
    ];
    throw new UserError(`Profile "${profileId}" is in use: ${what.join(" and ")}. Use --stop to end that first.`);
  }
  if (yes === true) return;
  if (!context.interactive || json === true) {
    throw new UserError("Nothing was removed: nobody is here to ask. Use --yes, or look first with --dry-run.", {
      exitCode: 64,
    });
  }
  if (!(await askYes(context, `Remove profile "${profileId}"?`, "Nothing was removed."))) {
    throw new UserError("Nothing was removed.", { exitCode: 1 });
  }
}

async function stopWork(context: CliContext, id: string): Promise<void> {
  const stopped = await stopDaemons(context, [id], {
    ...{ mode: "end", waitMs: 60_000, onProgress: (text) => context.output.note(text) },
  });
  if (stopped.survivors > 0 || stopped.daemons.some(({ ended }) => !ended)) {
    throw new UserError(`Something of profile "${id}" did not end; nothing was removed. See "acp runtime status".`, {
      exitCode: 1,
    });
  }
}

async function removeAll(
  context: CliContext,
  { profile, found, removal }: { profile: Profile | null; found: ProfileFolders; removal: Removal },
) {
  const { home } = context;
  const { profileId: id, keptIn } = removal;
  mkdirSync(dirname(keptIn.profile), { recursive: true, mode: 0o700 });
  loadSecretsIfAny(home, id);
  replaceFile(keptIn.profile, exportText(exportOf(home, id, findAssets().templates)), 0o600);
  const done =
    profile === null || keptIn.bundle === null
      ? { bundle: null, leaves: [] }
      : await removeProfileFolders(profile, found, { bundle: keptIn.bundle, log: silentLog });
  for (const file of profileFolder(home, id).files.reverse()) removeOwn(file);
  return done;
}

/** A file that others can read is no reason to keep the profile; what it holds never leaves, as it is not exported. */
function loadSecretsIfAny(home: string, id: string): void {
  try {
    loadSecrets(home, id);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
  }
}

/** The folder in the registry: what `init` and `import` write there goes, and a person's other files stay. */
function profileFolder(home: string, id: string): { files: string[]; leaves: { path: string; why: string }[] } {
  const folder = profileDir(home, id);
  if (lstatSync(folder).isSymbolicLink()) return { files: [folder], leaves: [] }; // the link alone
  const names = readdirSync(folder);
  const isOurs = (name: string) =>
    ["control-plane.yaml", "control-plane.yaml.edited", "secrets.env", "README.md"].includes(name) ||
    (name === "templates" && lstatSync(join(folder, name)).isDirectory());
  const strangers = names.filter((name) => !isOurs(name));
  return {
    files: [...(strangers.length === 0 ? [folder] : []), ...names.filter(isOurs).map((name) => join(folder, name))],
    leaves: strangers.map((name) => ({ path: join(folder, name), why: "a file of yours beside the profile" })),
  };
}

function removeOwn(path: string): void {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return;
  if (stat.isSymbolicLink() || stat.isFile()) unlinkSync(path);
  else if (path.endsWith("/templates")) rmSync(path, { recursive: true });
  else rmdirSync(path);
}
