import { basename } from "node:path";
import type { ForgeProvider, VerificationCommand } from "@agent-control-plane/core";
import type { FoundAgent, InstalledProfile, SetupFacts } from "./detect-facts.ts";
import type { SetupOptions } from "./setup-options.ts";
import { type StarterName, starterNames } from "./starter-issues.ts";

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
}

/** Pure. The answers that follow from flags and facts, for a person to change and for `--yes` to take. */
export function proposeAnswers(facts: SetupFacts, options: SetupOptions): SetupAnswers {
  const forge = options.forge ?? options.forgeProvider ?? forgeOf(facts);
  const repoSlug = options.repoSlug ?? slugOf(facts, forge);
  const profileId = options.profileId ?? profileIdOf(facts, repoSlug);
  const installed = facts.profiles.find(({ id }) => id === profileId) ?? null;
  const profile = installed === null ? "write" : options.force === true ? "replace" : "keep";
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
  };
}

/** Pure. The worker's key by its variable's name, when one is set here; its own login only where a flag names it. */
export function accessOf(
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

/** Pure. One line is one check, named for its place. */
export function commandsOf(lines: readonly string[]): readonly VerificationCommand[] {
  return lines.map((command, index) => ({ name: lines.length === 1 ? "check" : `check-${index + 1}`, command }));
}

/** A checkout of something on github.com is worked on there; anything else can be tried on this machine. */
const forgeOf = ({ repository }: SetupFacts): ForgeProvider => (repository?.slug == null ? "local" : "github");

/** A second run finds the profile of the first one by its checkout. */
function slugOf({ repository, profiles }: SetupFacts, forge: ForgeProvider): string {
  if (repository === null) return "";
  const known = profiles.find(({ repoRoot, forge: own }) => repoRoot === repository.root && own === forge);
  if (known !== undefined) return known.repoSlug;
  if (repository.slug !== null) return repository.slug;
  return forge === "local" ? `local/${basename(repository.root).replace(/[^A-Za-z0-9._-]/g, "-")}` : "";
}

function profileIdOf({ repository, profiles }: SetupFacts, slug: string): string {
  const known = profiles.find(({ repoSlug }) => slug !== "" && repoSlug.toLowerCase() === slug.toLowerCase());
  return known?.id ?? profileIdFrom(slug !== "" ? slug : (repository?.root ?? ""));
}

const preferred = ["codex", "claude"];

function workerOf({ agents }: SetupFacts, options: SetupOptions, kept: InstalledProfile | null): string {
  if (options.codingWorker !== undefined) return options.codingWorker;
  if (options.shellCommand !== undefined) return "shell";
  if (kept !== null) return kept.codingWorker;
  // One that has a key here comes before one that would have to be logged in first.
  const ready = agents.filter(({ keys }) => keys.length > 0);
  const names = [...ready, ...agents].map(({ name }) => name);
  return (
    ready.map(({ name }) => name).find((name) => preferred.includes(name)) ??
    preferred.find((name) => names.includes(name)) ??
    names[0] ??
    "shell"
  );
}

function startersOf({ createStarterIssues, starterIssue }: SetupOptions): readonly StarterName[] {
  if (createStarterIssues === false) return [];
  if (starterIssue !== undefined) return starterNames.filter((name) => starterIssue.includes(name));
  return createStarterIssues === true ? starterNames : [];
}
