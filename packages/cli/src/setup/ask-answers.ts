import { existsSync, realpathSync } from "node:fs";
import { type BackendSettings, profileIdPattern, UserError } from "@agent-control-plane/core";
import { backendNamed, backends } from "@agent-control-plane/runners/backends";
import type { CliContext } from "../context.ts";
import { inspectRepository } from "../init/inspect-repository.ts";
import { fromFolder, noCommit } from "../init/plan-profile.ts";
import { detectFacts, likelyRoot, type SetupFacts } from "./detect-facts.ts";
import type { Choice, Prompts } from "./prompts.ts";
import { proposeAnswers, type SetupAnswers, slugPattern } from "./propose-answers.ts";
import type { SetupOptions } from "./setup-options.ts";
import { starterHints, starterNames } from "./starter-issues.ts";

type Around = Pick<CliContext, "env" | "cwd" | "home">;

/**
 * Asks for what no flag has said. An answer is nothing but the flag it replaces, so that a run with questions and one
 * with flags cannot differ. Writes nothing.
 */
export async function askProject(
  prompts: Prompts,
  around: Around,
  options: SetupOptions,
): Promise<{ readonly facts: SetupFacts; readonly options: SetupOptions }> {
  const repoRoot = await askRoot(prompts, around, options);
  const facts = detectFacts(around, repoRoot);
  let given: SetupOptions = options;
  const answer = (more: SetupOptions): SetupAnswers => {
    given = { ...given, ...more };
    return proposeAnswers(facts, given);
  };
  let proposed = answer({});
  if (options.forge === undefined && options.forgeProvider === undefined)
    proposed = answer({ forge: await prompts.choose("Where do its issues live?", forges, proposed.forge) });
  if (options.repoSlug === undefined) proposed = answer({ repoSlug: await askSlug(prompts, proposed.repoSlug) });
  proposed = await askProfileId(prompts, options, proposed, answer);
  if (proposed.profile !== "keep") await askWork(prompts, facts, options, proposed, answer);
  return { facts, options: given };
}

type Answer = (more: SetupOptions) => SetupAnswers;

async function askRoot(prompts: Prompts, around: Around, options: SetupOptions): Promise<string | null> {
  const place = (given: string) => fromFolder(around.cwd, around.env, given);
  if (options.allowMissingRepo === true && !(options.repoRoot !== undefined && existsSync(place(options.repoRoot))))
    return null;
  if (options.repoRoot !== undefined) return place(options.repoRoot);
  const problem = (given: string) => problemOfRoot(place(given), around.env);
  const initial = likelyRoot(around);
  return realpathSync(
    place(await prompts.text("Where is your checkout? It is read, never worked in.", { initial, problem })),
  );
}

function problemOfRoot(path: string, env: NodeJS.ProcessEnv): string | null {
  try {
    const { hasCommit, root } = inspectRepository(path, env);
    return hasCommit ? null : noCommit(root);
  } catch (error) {
    if (error instanceof UserError) return error.message.replace(/^--repo-root /, "");
    throw error;
  }
}

const forges: readonly Choice<"github" | "local">[] = [
  { value: "github", label: "GitHub", hint: "needs a token, or gh" },
  { value: "local", label: "The local forge", hint: "a copy on this machine; nothing leaves it" },
];

const askSlug = (prompts: Prompts, initial: string): Promise<string> =>
  prompts.text("Its name there, owner/name", {
    initial,
    problem: (value) => (slugPattern.test(value) ? null : "Expected owner/name, such as octo/web-shop."),
  });

async function askProfileId(
  prompts: Prompts,
  options: SetupOptions,
  proposal: SetupAnswers,
  answer: Answer,
): Promise<SetupAnswers> {
  let proposed = proposal;
  for (let isGiven = options.profileId !== undefined; ; isGiven = false) {
    if (!isGiven) {
      const problem = (value: string) =>
        profileIdPattern.test(value) ? null : "Expected 1 to 40 lower-case letters, digits and hyphens.";
      const initial = proposed.profileId;
      proposed = answer({ profileId: await prompts.text("Name of the profile", { initial, problem }) });
    }
    if (proposed.profile !== "keep") return proposed;
    const next = await prompts.choose(`Profile ${proposed.profileId} is there already.`, existing, "keep");
    if (next === "keep") return proposed;
    if (next === "replace") return answer({ force: true });
  }
}

const existing: readonly Choice<"keep" | "replace" | "other">[] = [
  { value: "keep", label: "Keep it", hint: "and make what else is missing" },
  { value: "replace", label: "Replace it", hint: "its secrets stay" },
  { value: "other", label: "Take another name" },
];

async function askWork(
  prompts: Prompts,
  facts: SetupFacts,
  options: SetupOptions,
  proposal: SetupAnswers,
  answer: Answer,
): Promise<void> {
  let proposed = proposal;
  if (options.codingWorker === undefined && options.shellCommand === undefined) {
    const choices = workerChoices(facts);
    proposed = answer({ codingWorker: await prompts.choose("Who does the work?", choices, proposed.codingWorker) });
  }
  if (proposed.codingWorker === "shell" && proposed.shellCommand === null) {
    const problem = (value: string) => (value === "" ? "A command is needed." : null);
    answer({ shellCommand: await prompts.text("Command that it runs in each worktree", { problem }) });
  }
  if (proposed.codingWorker !== "shell" && options.model === undefined && lacksModel(proposed.codingWorker)) {
    const problem = (value: string) => (value === "" ? "It has no model of its own choice." : null);
    answer({ model: await prompts.text("Model that it asks", { problem }) });
  }
  const agent = facts.agents.find(({ name }) => name === proposed.codingWorker);
  if (agent?.login && proposed.passEnv.length === 0 && options.workerLogin === undefined) {
    const message = `Let its sessions use your own login (${agent.login})? Each gets a copy.`;
    if (await prompts.confirm(message, true)) answer({ workerLogin: agent.login });
  }
  if (options.verify === undefined) await askChecks(prompts, proposed, answer);
}

/** Some have no default: without one the profile would not be valid. */
function lacksModel(worker: string): boolean {
  const backend = backendNamed(worker);
  const settings = backend.settings.parse({}) as BackendSettings;
  return backend.lacks?.(settings)?.key === "model";
}

function workerChoices({ agents }: SetupFacts): readonly Choice<string>[] {
  const found = agents.map(({ name, keys, login }): Choice<string> => {
    const hint = keys.length > 0 ? `its key is in ${keys[0]}` : login === null ? "no key, no login found" : "logged in";
    return { value: name, label: name, hint: `installed; ${hint}` };
  });
  const others = backends
    .map(({ name }) => name)
    .filter((name) => name !== "shell" && !agents.some((agent) => agent.name === name))
    .map((name): Choice<string> => ({ value: name, label: name, hint: "not found here" }));
  return [...found, { value: "shell", label: "shell", hint: "a command of your own" }, ...others];
}

/** What was found, as one line; changed, the line is the one check. */
async function askChecks(prompts: Prompts, proposed: SetupAnswers, answer: Answer): Promise<void> {
  const initial = proposed.verification.map(({ command }) => command).join(" && ");
  const problem = (value: string) => (value === "" ? "Without a check nothing is ever published." : null);
  const line = await prompts.text("What must pass before anything is published?", { initial, problem });
  if (line !== initial) answer({ verify: [line] });
}

/** What is made beside the profile. */
export async function askExtras(
  prompts: Prompts,
  options: SetupOptions,
  canServe: () => Promise<boolean>,
): Promise<SetupOptions> {
  const starters =
    options.createStarterIssues === undefined && options.starterIssue === undefined
      ? await prompts.chooseSome(
          "First issues for the agents? They are worked on at once; space chooses, enter goes on.",
          starterNames.map((name) => ({ value: name, label: name, hint: starterHints[name] })),
          [],
        )
      : null;
  const isDecided = options.installService !== undefined || options.installLaunchd !== undefined;
  const asksService = !isDecided && options.startRuntime !== false && (await canServe());
  const service = asksService
    ? { installService: await prompts.confirm("Let this system keep it running, as a service?", false) }
    : {};
  const startRuntime = options.startRuntime ?? (await prompts.confirm("Start the runtime when all is set up?", true));
  const chosen = starters === null ? {} : { createStarterIssues: starters.length > 0, starterIssue: starters };
  return { ...options, ...chosen, ...service, startRuntime };
}
