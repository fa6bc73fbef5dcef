import { existsSync } from "node:fs";
import { loadProfile, type Profile, rememberSecret, UserError } from "@agent-control-plane/core";
import { backends } from "@agent-control-plane/runners/backends";
import { findAssets } from "../assets.ts";
import type { CliContext } from "../context.ts";
import { counted } from "../counted.ts";
import type { InitOptions } from "../init/init-options.ts";
import { fromFolder, planProfile } from "../init/plan-profile.ts";
import { readToken } from "../init/read-token.ts";
import { INTERRUPTED_EXIT_CODE } from "../interruptible.ts";
import { toldOfReferenceFlags } from "../migrate/reference-flags.ts";
import { askExtras, askProject } from "./ask-answers.ts";
import { serviceLacks } from "./check-prerequisites.ts";
import { detectFacts, type FoundAgent, likelyRoot, type SetupFacts } from "./detect-facts.ts";
import { needGit } from "./install-git.ts";
import { installSetup } from "./install-setup.ts";
import { isProblem } from "./judge-prerequisites.ts";
import { meetPrerequisites } from "./meet-prerequisites.ts";
import { conflictOf, planSetup } from "./plan-setup.ts";
import { Interrupted, openPrompts, type Prompts } from "./prompts.ts";
import { proposeAnswers, type SetupAnswers } from "./propose-answers.ts";
import { errorDocument, stepText } from "./report-setup.ts";
import type { SetupOptions } from "./setup-options.ts";
import { type Teller, tellerOf } from "./tell-setup.ts";

/**
 * From a checkout to a running runtime in four steps: project, plan, prerequisites, install. Every question comes before
 * the first write, so that leaving at any of them leaves nothing behind.
 */
export async function runSetup(context: CliContext, options: SetupOptions): Promise<void> {
  const prompts = await promptsFor(context, options);
  const teller = tellerOf(context, prompts);
  try {
    prompts?.begin("Set up a repository for coding agents");
    const given = options.tokenStdin === true ? await readToken(context.stdin) : null;
    if (given !== null) rememberSecret(given);
    await fourSteps(context, options, { prompts, teller, given });
  } catch (error) {
    if (!(error instanceof Interrupted)) {
      // Programs that asked for a document get one in any case; the message for people is printed where all are.
      if (options.json === true && error instanceof UserError) context.output.json(errorDocument(error, options));
      throw error;
    }
    prompts?.leave('Interrupted. Nothing was written; "acp setup" starts again.');
    context.exitWith(INTERRUPTED_EXIT_CODE);
  }
}

interface Talk {
  readonly prompts: Prompts | null;
  readonly teller: Teller;
  /** A token that came on stdin. */
  readonly given: string | null;
}

async function fourSteps(context: CliContext, options: SetupOptions, { prompts, teller, given }: Talk): Promise<void> {
  teller.step("Step 1 of 4: project");
  await needGit(context, { prompts, teller }, options);
  const project = prompts
    ? await askProject(prompts, context, options)
    : { options, facts: detectFacts(context, rootOf(context, options)) };
  const { facts } = project;

  teller.step("Step 2 of 4: plan");
  const canServe = async () => (await serviceLacks(context)) === null;
  const asked = prompts ? await askExtras(prompts, project.options, canServe) : project.options;
  // Nobody's work needs it: where nothing keeps it running that is said, and no failure.
  const hasDashboard = asked.startDashboard === true && (await canServe());
  const decided = { ...asked, startDashboard: hasDashboard };
  const answers = proposeAnswers(facts, decided);
  const conflict = conflictOf(facts, answers);
  if (conflict !== null) throw new UserError(conflict, { exitCode: 1 });
  const isDryRun = options.dryRun === true || options.plan === true;
  const init = initOptions(facts, answers, decided, given !== null);
  const profile = plannedProfile(context, answers, init);
  const planned = planSetup(answers);
  for (const line of [...planLines(profile), foundLine(facts)]) teller.say(line);
  for (const step of planned) teller.say(stepText(step));
  if (asked.startDashboard === true && !hasDashboard) teller.say(noDashboardService);
  for (const words of toldOfReferenceFlags(options)) teller.say(words);
  if (prompts && !isDryRun && !(await prompts.confirm("Go ahead?", true))) return prompts.leave("Nothing was written.");

  teller.step("Step 3 of 4: prerequisites");
  const checked = await meetPrerequisites(
    context,
    { prompts, teller, given },
    {
      ...{ profile, answers, options: decided, uncommitted: facts.repository?.uncommitted ?? [] },
    },
  );
  const report = { facts, answers, profile, planned, prerequisites: checked.findings, isDryRun };
  if (isDryRun || checked.findings.some(isProblem)) {
    if (checked.findings.some(isProblem)) context.exitWith(1);
    return teller.finish({ ...report, installed: null }, options.json === true);
  }

  teller.step("Step 4 of 4: install");
  const { token } = checked;
  const installed = await installSetup(context, planned, {
    answers,
    profile: token === null ? init : { ...init, tokenStdin: true },
    token,
    onStep: (step) => teller.say(stepText(step)),
  });
  if (installed.steps.some(({ state }) => state === "failed")) context.exitWith(1);
  teller.finish({ ...report, installed }, options.json === true);
}

const noDashboardService =
  '--start-dashboard: this system keeps no service of yours running; "acp dashboard" serves it while you look.';

/** Null: nobody is asked. Without a terminal nobody can be, and guessing needs to be allowed. */
async function promptsFor(context: CliContext, options: SetupOptions): Promise<Prompts | null> {
  const isAllowed = [options.yes, options.nonInteractive, options.json, options.dryRun, options.plan].includes(true);
  if (isAllowed) return null;
  if (context.interactive && context.env.TERM !== "dumb") return openPrompts(context);
  throw new UserError(
    "acp setup asks questions, and there is no terminal to ask on. --dry-run shows what it proposes, --yes takes it; every answer has a flag.",
    { exitCode: 64 },
  );
}

function rootOf(context: CliContext, { repoRoot, allowMissingRepo }: SetupOptions): string | null {
  const given = repoRoot === undefined ? undefined : fromFolder(context.cwd, context.env, repoRoot);
  if (allowMissingRepo === true && (given === undefined || !existsSync(given))) return null;
  return given ?? likelyRoot(context);
}

function initOptions(facts: SetupFacts, answers: SetupAnswers, options: SetupOptions, hasToken: boolean): InitOptions {
  const { apiUrl, gitUrl, agentRoot, worktreeRoot, agentRepoRoot, model } = options;
  return {
    profileId: answers.profileId,
    forge: answers.forge,
    codingWorker: answers.codingWorker,
    verification: answers.verification,
    passEnv: answers.passEnv,
    force: answers.profile === "replace",
    tokenStdin: hasToken,
    ...(answers.repoSlug === "" ? {} : { repoSlug: answers.repoSlug }),
    ...(facts.repository === null ? {} : { repoRoot: facts.repository.root }),
    ...(answers.shellCommand === null ? {} : { shellCommand: answers.shellCommand }),
    ...(answers.workerLogin === null ? {} : { login: answers.workerLogin }),
    ...(apiUrl === undefined ? {} : { apiUrl }),
    ...(gitUrl === undefined ? {} : { gitUrl }),
    ...(agentRoot === undefined ? {} : { agentRoot }),
    ...(worktreeRoot === undefined ? {} : { worktreeRoot }),
    ...(agentRepoRoot === undefined ? {} : { agentRepoRoot }),
    ...(model === undefined ? {} : { model }),
  };
}

/** Already checked as if it were installed. Throws `UserError` for what is wrong, before anything is written. */
function plannedProfile(context: CliContext, answers: SetupAnswers, init: InitOptions): Profile {
  if (answers.profile === "keep") return loadProfile(context.home, answers.profileId, context.env, backends);
  return planProfile(context, init, findAssets()).profile;
}

/** What a person reads before saying yes. */
function planLines({ repo, runtime, verification }: Profile): readonly string[] {
  const checks = verification.commands.map(({ command }) => command).join(", ") || "none";
  return [
    `Repository ${repo.slug}, checkout ${repo.root ?? "none"}`,
    `Agents work under ${runtime.agentRoot}`,
    `Checks: ${checks}`,
  ];
}

/** Pure. What this machine said, for a person to see that it was understood. */
function foundLine({ repository, agents }: SetupFacts): string {
  const loginOf = ({ keys, login }: FoundAgent) => (keys[0] ? `key in ${keys[0]}` : (login ?? "no key, no login"));
  const found = [
    ...(repository?.defaultBranch ? [`branch ${repository.defaultBranch}`] : []),
    ...(repository?.verification.packageManager ? [repository.verification.packageManager] : []),
    ...(repository?.uncommitted.length ? [`${counted(repository.uncommitted.length, "path")} not committed`] : []),
    ...agents.map((agent) => `${agent.name} (${loginOf(agent)})`),
    ...(agents.length === 0 ? ["no agent program"] : []),
  ];
  return `Found: ${found.join(", ")}`;
}
