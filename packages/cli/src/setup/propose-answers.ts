import { basename } from "node:path";
import type { ForgeProvider, VerificationCommand } from "@agent-control-plane/core";
import type { FoundAgent, InstalledProfile, SetupFacts } from "./detect-facts.ts";
import type { SetupOptions } from "./setup-options.ts";
import { type StarterName, starterNames } from "./starter-issues.ts";

/** Where `acp dashboard` serves, too. */
export const usualPort = 8765;

/** What `acp setup` is to make. Every field has a flag. */
export interface SetupAnswers {
  readonly repoRoot: string | null;
  readonly forge: ForgeProvider;
  /** Empty: not known. */
  readonly repoSlug: string;
  readonly profileId: string;
  /** `keep`: it is there and stays as it is; what else is missing is made. */
  readonly profile: "write" | "keep" | "replace";
  readonly codingWorker: string;
  readonly shellCommand: string | null;
  readonly verification: readonly VerificationCommand[];
  /** Variables with the worker's key that its sessions get. */
  readonly passEnv: readonly string[];
  /** Where the person's own login for the worker lies; null: it is not used. */
  readonly workerLogin: string | null;
  readonly starterIssues: readonly StarterName[];
  readonly startRuntime: boolean;
  /** Copy this version into the runtime home, from where services start it. */
  readonly sync: boolean;
  readonly installService: boolean;
  /** The port of the dashboard's service; null: none is made. */
  readonly dashboardPort: number | null;
}

/** Pure. The answers that follow from flags and facts, for a person to change and for `--yes` to take. */
export function proposeAnswers(facts: SetupFacts, options: SetupOptions): SetupAnswers {
  const named = options.profileId === undefined ? undefined : profileIdFrom(options.profileId);
  const known = knownOf(facts, named);
  const forge = options.forge ?? options.forgeProvider ?? known?.forge ?? forgeOf(facts);
  const repoSlug = options.repoSlug ?? (known?.forge === forge ? known.repoSlug : slugOf(facts, forge, options));
  const isKnown = known?.forge === forge && known.repoSlug.toLowerCase() === repoSlug.toLowerCase();
  const profileId = named ?? (isKnown ? known.id : profileIdFrom(repoSlug || (facts.repository?.root ?? "")));
  const installed = facts.profiles.find(({ id }) => id === profileId) ?? null;
  const profile = installed === null ? "write" : options.force === true ? "replace" : "keep";
  const installService = options.installService ?? options.installLaunchd ?? false;
  const dashboardPort = options.startDashboard === true ? Number(options.dashboardPort ?? usualPort) : null;
  const codingWorker = workerOf(facts, options, profile === "keep" ? installed : null);
  return {
    repoRoot: facts.repository?.root ?? null,
    forge,
    repoSlug,
    profileId,
    profile,
    codingWorker,
    shellCommand: options.shellCommand ?? null,
    verification: options.verify ? commandsOf(options.verify) : (facts.repository?.verification.commands ?? []),
    ...accessOf(facts.agents, codingWorker, options),
    starterIssues: startersOf(options),
    startRuntime: options.startRuntime ?? true,
    sync: options.sync ?? (installService || dashboardPort !== null),
    installService,
    dashboardPort,
  };
}

/** Pure. The worker's key by its variable's name, when one is set here; its own login only where a flag names it. */
function accessOf(
  agents: readonly FoundAgent[],
  worker: string,
  { passEnv, workerLogin }: Pick<SetupOptions, "passEnv" | "workerLogin">,
): Pick<SetupAnswers, "passEnv" | "workerLogin"> {
  const keys = agents.find(({ name }) => name === worker)?.keys ?? [];
  return { passEnv: passEnv ?? keys.slice(0, 1), workerLogin: workerLogin ?? null };
}

/** Pure. A profile's name from the last part of the repository's: `Octo/Web.Shop` is `web-shop`. */
export function profileIdFrom(name: string): string {
  const last = name.split("/").at(-1) ?? "";
  const id = last
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 40)
    .replace(/^-+|-+$/g, "");
  return id === "" ? "repo" : id;
}

/** `owner/name` as a forge takes it. */
export const slugPattern = /^[A-Za-z0-9_.-]+\/[A-Za-z0-9_.-]+$/;

/** Pure. One line is one check, named for its place. */
function commandsOf(lines: readonly string[]): readonly VerificationCommand[] {
  return lines.map((command, index) => ({ name: lines.length === 1 ? "check" : `check-${index + 1}`, command }));
}

/** What an earlier run left: the profile that is named, else the only one of this checkout. */
function knownOf({ repository, profiles }: SetupFacts, profileId: string | undefined): InstalledProfile | null {
  if (profileId !== undefined) return profiles.find(({ id }) => id === profileId) ?? null;
  const own = profiles.filter(({ repoRoot }) => repository !== null && repoRoot === repository.root);
  return own.length === 1 ? (own[0] ?? null) : null;
}

/** A checkout of something on github.com is worked on there; anything else can be tried on this machine. */
const forgeOf = ({ repository }: SetupFacts): ForgeProvider => (repository?.slug == null ? "local" : "github");

function slugOf({ repository }: SetupFacts, forge: ForgeProvider, { apiUrl, gitUrl }: SetupOptions): string {
  if (repository === null) return "";
  const { slug, originHost, originSlug, root } = repository;
  const isFromThere = [apiUrl, gitUrl].some((url) => originHost !== null && hostIn(url) === originHost);
  if (isFromThere && originSlug !== null) return originSlug;
  if (slug !== null && slugPattern.test(slug)) return slug;
  return forge === "local" ? `local/${basename(root).replace(/[^A-Za-z0-9._-]/g, "-")}` : "";
}

const hostIn = (url: string | undefined): string | null =>
  url !== undefined && URL.canParse(url) ? new URL(url).hostname : null;

const preferred = ["codex", "claude"];

function workerOf({ agents }: SetupFacts, options: SetupOptions, kept: InstalledProfile | null): string {
  if (options.codingWorker !== undefined) return options.codingWorker;
  if (options.shellCommand !== undefined) return "shell";
  if (kept !== null) return kept.codingWorker;
  // One that has a key here comes before one that would have to be logged in first.
  const ready = agents.filter(({ keys }) => keys.length > 0);
  return firstOf(ready) ?? firstOf(agents) ?? "shell";
}

const firstOf = (agents: readonly FoundAgent[]): string | undefined =>
  preferred.find((name) => agents.some((agent) => agent.name === name)) ?? agents[0]?.name;

function startersOf({ createStarterIssues, starterIssue }: SetupOptions): readonly StarterName[] {
  if (createStarterIssues === false) return [];
  if (starterIssue !== undefined) return starterNames.filter((name) => starterIssue.includes(name));
  return createStarterIssues === true ? starterNames : [];
}
