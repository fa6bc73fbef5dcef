import { ForgeError, loadProfile, UserError, writeSecret } from "@agent-control-plane/core";
import { backends } from "@agent-control-plane/runners/backends";
import type { CliContext } from "../context.ts";
import type { InitOptions } from "../init/init-options.ts";
import { writeProfile } from "../init/init-profile.ts";
import { prepareLocalForge } from "../init/prepare-local-forge.ts";
import { withOperator } from "../operator/with-operator.ts";
import { startRuntime } from "../runtime/start-runtime.ts";
import type { InstalledService } from "../services/install.ts";
import { theDashboard } from "../services/served.ts";
import type { Synced } from "../versions/index.ts";
import { makeLabels } from "./make-labels.ts";
import { makeStarterIssues, type OpenedStarter } from "./make-starter-issues.ts";
import type { PlannedStep, StepName } from "./plan-setup.ts";
import { type SetupAnswers, usualPort } from "./propose-answers.ts";

export interface TakenStep {
  readonly name: StepName;
  readonly state: "done" | "not-needed" | "skipped" | "failed" | "not-reached";
  readonly what: string;
}

export interface Installed {
  readonly steps: readonly TakenStep[];
  readonly labelsMade: readonly string[];
  readonly starterIssues: readonly OpenedStarter[];
  /** The version that is current in the runtime home; null: not copied by this run. */
  readonly synced: { readonly id: string; readonly status: Synced["status"] } | null;
  readonly service: { readonly name: string | null; readonly status: InstalledService["status"] } | null;
  /** Null: not installed by this run. */
  readonly dashboard: { readonly url: string; readonly status: InstalledService["status"] } | null;
  /** Null: not started by this run. */
  readonly runtime: { readonly status: "started" | "already-running"; readonly pid: number } | null;
}

export interface Installing {
  readonly answers: SetupAnswers;
  readonly profile: InitOptions;
  /** For the profile's secrets file; null: none was given, and what is there stays. */
  readonly token: string | null;
  readonly onStep: (step: TakenStep) => void;
}

/**
 * Takes the steps that are to do, in their order, each of which is whole or not at all and can be repeated. The first
 * that fails ends it: a second run goes on from there.
 */
export async function installSetup(
  context: CliContext,
  planned: readonly PlannedStep[],
  installing: Installing,
): Promise<Installed> {
  let found: Omit<Installed, "steps"> = {
    labelsMade: [],
    starterIssues: [],
    synced: null,
    service: null,
    dashboard: null,
    runtime: null,
  };
  const steps: TakenStep[] = [];
  for (const step of planned) {
    const isOver = steps.some(({ state }) => state === "failed");
    const taken = isOver ? leftOut(step) : await take(step);
    steps.push(taken);
    installing.onStep(taken);
  }
  return { steps, ...found };

  async function take(step: PlannedStep): Promise<TakenStep> {
    // A profile that stays is looked after, too: its token, and its repository on the local forge.
    if (step.state === "skipped" || (step.state === "not-needed" && step.name !== "profile"))
      return { ...step, state: step.state };
    try {
      const { what, ...more } = await acts[step.name](context, installing);
      found = { ...found, ...more };
      return { name: step.name, state: step.state === "not-needed" ? "not-needed" : "done", what };
    } catch (error) {
      if (!(error instanceof UserError || error instanceof ForgeError)) throw error;
      return { name: step.name, state: "failed", what: error.message };
    }
  }
}

const leftOut = (step: PlannedStep): TakenStep =>
  step.state === "to-do" ? { ...step, state: "not-reached" } : { ...step, state: step.state };

type Act = (
  context: CliContext,
  installing: Installing,
) => Promise<Partial<Omit<Installed, "steps">> & { readonly what: string }>;

const acts: Readonly<Record<StepName, Act>> = {
  async profile(context, { answers, profile, token }) {
    if (answers.profile === "keep") return { what: await keepProfile(context, answers.profileId, token) };
    const { plan, replaces } = await writeProfile(context, profile, async () => token ?? "");
    return { what: `${replaces ? "replaced" : "wrote"} profile ${plan.profile.id} in ${plan.profileDir}` };
  },

  async labels(context, { answers }) {
    const labelsMade = await withOperator(context, answers.profileId, makeLabels);
    const what = labelsMade.length === 0 ? "every label is there" : `made ${labelsMade.length} labels`;
    return { what, labelsMade };
  },

  async "starter-issues"(context, { answers }) {
    const starterIssues = await withOperator(context, answers.profileId, (operator, profile) =>
      makeStarterIssues(operator, profile, answers.starterIssues),
    );
    const each = starterIssues.map(({ name, number, made }) => `#${number} ${name}${made ? "" : " (was there)"}`);
    return { what: each.join(", "), starterIssues };
  },

  async sync({ home, clock }) {
    const { runningPackage, syncVersion } = await import("../versions/index.ts");
    const { id, status } = await syncVersion({ home, from: runningPackage(home), now: clock.now(), dryRun: false });
    return { what: `${id} is current in the runtime home`, synced: { id, status } };
  },

  async service(context, { answers }) {
    const { installService } = await import("../services/install.ts");
    const served = { profileId: answers.profileId };
    const { status, service } = await installService(context, served, { dryRun: false });
    return { what: `${service.name ?? "the service"}: ${status}`, service: { name: service.name, status } };
  },

  async dashboard(context, { answers: { dashboardPort } }) {
    const { installService } = await import("../services/install.ts");
    const port = dashboardPort ?? usualPort;
    const { status } = await installService(context, theDashboard, { dryRun: false, port });
    const url = `http://127.0.0.1:${port}`;
    return { what: `${url}: ${status}`, dashboard: { url, status } };
  },

  async runtime(context, { answers }) {
    const started = await startRuntime(context, [answers.profileId]);
    const tick = started.ticks[answers.profileId];
    const problem = tick?.error ?? tick?.forgeDetail;
    // It runs and tries again; but "it works" would not be true.
    if (problem) throw new UserError(`The runtime runs (pid ${started.pid}) and cannot work yet: ${problem}`);
    const runtime = { status: started.status, pid: started.pid };
    return { what: `${started.status === "started" ? "runs" : "runs already"}, pid ${started.pid}`, runtime };
  },
};

async function keepProfile(context: CliContext, id: string, token: string | null): Promise<string> {
  const profile = loadProfile(context.home, id, context.env, backends);
  if (profile.forge.provider === "local" && profile.forge.apiUrl === null) await prepareLocalForge(context, profile);
  if (token === null) return `profile ${id} stays as it is`;
  writeSecret(context.home, id, "GITHUB_TOKEN", token);
  return `profile ${id} stays as it is, with the new token`;
}
