import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import {
  formatProblem,
  type Profile,
  parseProfile,
  profileDir,
  profileOverlaps,
  UserError,
  type VerificationCommand,
} from "@agent-control-plane/core";
import { backends } from "@agent-control-plane/runners/backends";
import type { Assets } from "../assets.ts";
import type { CliContext } from "../context.ts";
import { installedProfiles } from "../profile/installed-profiles.ts";
import { type ChosenWorker, chooseWorker, workerScript } from "./choose-worker.ts";
import type { InitOptions } from "./init-options.ts";
import { type InspectedRepository, inspectRepository } from "./inspect-repository.ts";
import { renderTemplate, verbatim, yamlValue } from "./render-template.ts";

export interface PlannedFile {
  /** Relative to the profile's folder. */
  readonly path: string;
  readonly content: string;
  readonly mode: number;
}

export interface InitPlan {
  readonly profileDir: string;
  readonly files: readonly PlannedFile[];
  /** What the planned file means, already checked. */
  readonly profile: Profile;
  /** Why this worker, where nobody asked for it. */
  readonly whyWorker: string | null;
  readonly warnings: readonly string[];
  readonly nextSteps: readonly string[];
}

type Context = Pick<CliContext, "home" | "env" | "cwd">;

/** Everything `init` will write, checked as if it were installed. Writes nothing; throws `UserError` for what is wrong. */
export function planProfile(context: Context, options: InitOptions, assets: Assets): InitPlan {
  const { home, env, cwd } = context;
  const dir = profileDir(home, options.profileId);
  const repository =
    options.repoRoot === undefined ? null : inspectRepository(fromFolder(cwd, env, options.repoRoot), env);
  if (repository !== null) refuseNothingToCopy(options, repository);
  const slug = repoSlug(options, repository);
  const chosen = chooseWorker(options, env);
  const path = (given: string | undefined) => (given === undefined ? null : fromFolder(cwd, env, given));
  const text = renderTemplate(readFileSync(join(assets.profilesTemplate, "control-plane.yaml"), "utf8"), {
    id: yamlValue(options.profileId),
    id_comment: verbatim(options.profileId),
    repo_slug: yamlValue(slug),
    repo_root: yamlValue(repository?.root ?? null),
    forge: yamlValue(options.forge),
    api_url: yamlValue(options.apiUrl ?? null),
    git_url: yamlValue(options.gitUrl ?? null),
    agent_root: yamlValue(path(options.agentRoot)),
    worktree_root: yamlValue(path(options.worktreeRoot)),
    agent_repo_root: yamlValue(path(options.agentRepoRoot)),
    coding_worker: verbatim(`${JSON.stringify(chosen.worker)}${workerSection(chosen, options)}`),
    env_pass: verbatim(JSON.stringify(options.passEnv ?? [])),
    verification_commands: verbatim(commandList(options.verification ?? repository?.verification.commands ?? [])),
  });
  const profile = checked(text, join(dir, "control-plane.yaml"), home, env);
  const overlaps = overlapsWithInstalled(profile, home, env);
  const readme = renderTemplate(
    readFileSync(join(assets.profilesTemplate, "README.md"), "utf8"),
    readmeValues(profile),
  );
  return {
    profileDir: dir,
    profile,
    whyWorker: chosen.why,
    files: [
      { path: "control-plane.yaml", content: text, mode: 0o644 },
      { path: "README.md", content: readme, mode: 0o644 },
      ...promptTemplates(assets.templates),
    ],
    warnings: [...chosen.warnings, ...overlaps, ...verificationWarnings(profile)],
    nextSteps: [
      `acp profile show --profile-id ${profile.id}`,
      `acp runtime start --profile-id ${profile.id}`,
      firstIssue(profile),
    ],
  };
}

/** What `execution.<worker>` has to say beyond its defaults; nothing where those do. */
function workerSection({ worker, shellCommand }: ChosenWorker, { model, login }: InitOptions): string {
  const settings = [
    ...(worker === "shell" ? [["command", shellCommand]] : []),
    ...(worker === "python" ? [["script", workerScript]] : []),
    ...(model === undefined ? [] : [["model", model]]),
    ...(login === undefined ? [] : [["login", login]]),
  ];
  if (settings.length === 0) return "";
  return `\n  ${worker}:${settings.map(([key, value]) => `\n    ${key}: ${JSON.stringify(value)}`).join("")}`;
}

function firstIssue({ id, repo, forge, queue }: Profile): string {
  if (forge.provider === "github") return `then give an issue of ${repo.slug} the label ${queue.labels.ready}`;
  return `acp issue create --profile-id ${id} --title "what is to be done" --label ${queue.labels.ready}`;
}

/** The shell usually expands `~`; in `--repo-root=~/x` it does not. */
export function fromFolder(cwd: string, env: NodeJS.ProcessEnv, given: string): string {
  const home = env.HOME ?? "";
  return home !== "" && (given === "~" || given.startsWith("~/")) ? join(home, given.slice(1)) : resolve(cwd, given);
}

/** The local forge gets a copy of the checkout; what is not committed cannot be copied. */
function refuseNothingToCopy({ forge, apiUrl }: InitOptions, { hasCommit, root }: InspectedRepository): void {
  if (forge !== "local" || apiUrl !== undefined || hasCommit) return;
  throw new UserError(noCommit(root));
}

export const noCommit = (root: string): string =>
  `${root} has no commit yet, and agents work from commits. Commit first: git add --all && git commit`;

function repoSlug({ repoSlug, forge }: InitOptions, repository: InspectedRepository | null): string {
  if (repoSlug !== undefined) return repoSlug;
  if (repository?.slug != null) return repository.slug;
  if (forge === "local" && repository !== null)
    return `local/${basename(repository.root).replace(/[^A-Za-z0-9._-]/g, "-")}`;
  const why =
    repository === null ? "no --repo-root to read it from" : `origin of ${repository.root} is not on github.com`;
  throw new UserError(`The repository's name is not known: ${why}. Give --repo-slug owner/name.`, { exitCode: 64 });
}

/** The file must stand on its own: what this shell's environment would override has no say in whether it is valid. */
function checked(text: string, file: string, home: string, env: NodeJS.ProcessEnv): Profile {
  const parsed = parseProfile({ text, file, env: { HOME: env.HOME }, runtimeHome: home, backends });
  if (parsed.ok) return parsed.profile;
  const problems = parsed.problems.map((problem) => `  ${formatProblem(problem)}`);
  throw new UserError(["The profile these flags make is not valid; nothing was written:", ...problems].join("\n"));
}

function overlapsWithInstalled(profile: Profile, home: string, env: NodeJS.ProcessEnv): readonly string[] {
  const others = installedProfiles(home, env).filter(({ id }) => id !== profile.id);
  const mine = others.flatMap((other) => profileOverlaps([profile, other]));
  const fatal = mine.find(({ severity }) => severity === "error");
  if (fatal !== undefined) throw new UserError(`${fatal.message} Nothing was written; ${fatal.fix}`);
  return mine.map(({ message, fix }) => `${message} Fix: ${fix}`);
}

function verificationWarnings({ verification }: Profile): readonly string[] {
  if (verification.commands.length > 0) return [];
  return ["No tests were found, so nothing can be published. Set verification.commands in control-plane.yaml."];
}

function commandList(commands: readonly VerificationCommand[]): string {
  if (commands.length === 0) return "[]";
  return commands
    .map(({ name, command }) => `\n    - { name: ${JSON.stringify(name)}, command: ${JSON.stringify(command)} }`)
    .join("");
}

function promptTemplates(folder: string): readonly PlannedFile[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".md"))
    .sort()
    .map((name) => ({ path: `templates/${name}`, content: readFileSync(join(folder, name), "utf8"), mode: 0o644 }));
}

function readmeValues(profile: Profile) {
  const token = "put a token in `secrets.env` (`chmod 600`), or have `gh auth login` done, or set `GITHUB_TOKEN`.";
  return {
    id: verbatim(profile.id),
    repo_slug: verbatim(profile.repo.slug),
    coding_worker: verbatim(profile.execution.codingWorker),
    agent_root: verbatim(profile.runtime.agentRoot),
    repo_root: verbatim(profile.repo.root === null ? "none on this machine" : `\`${profile.repo.root}\``),
    token_step: verbatim(
      profile.forge.provider === "local" ? "no token is needed: the local forge makes its own." : token,
    ),
  };
}
