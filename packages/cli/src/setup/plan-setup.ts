import type { SetupFacts } from "./detect-facts.ts";
import type { SetupAnswers } from "./propose-answers.ts";

export type StepName = "profile" | "labels" | "starter-issues" | "sync" | "service" | "runtime" | "dashboard";

export interface PlannedStep {
  readonly name: StepName;
  readonly state: "to-do" | "not-needed" | "skipped";
  /** What it makes, or why it is left out. */
  readonly what: string;
}

/** Pure. What `acp setup` will make, in its order; each step can be repeated. */
export function planSetup(answers: SetupAnswers): readonly PlannedStep[] {
  return [
    ...[profile(answers), labels(answers), starterIssues(answers), sync(answers), service(answers), runtime(answers)],
    ...(answers.dashboardPort === null ? [] : [dashboard(answers.dashboardPort)]),
  ];
}

/** Pure. Why the profile that is there cannot serve these answers; null: it can, or it is not kept. */
export function conflictOf({ profiles }: SetupFacts, answers: SetupAnswers): string | null {
  const installed = answers.profile === "keep" ? profiles.find(({ id }) => id === answers.profileId) : undefined;
  if (installed === undefined) return null;
  const { repoSlug, forge, codingWorker } = installed;
  const isSame =
    repoSlug.toLowerCase() === answers.repoSlug.toLowerCase() &&
    forge === answers.forge &&
    codingWorker === answers.codingWorker;
  if (isSame) return null;
  const is = `${repoSlug} on ${forgeWords[forge]} with ${codingWorker}`;
  const wanted = `${answers.repoSlug} on ${forgeWords[answers.forge]} with ${answers.codingWorker}`;
  return (
    `Profile "${installed.id}" is there already, for ${is}, and you want ${wanted}. Give another --profile-id, or ` +
    "--force to replace it (its secrets stay)."
  );
}

const forgeWords = { github: "GitHub", local: "the local forge" } as const;

function profile({ profile: what, profileId, repoSlug, codingWorker, forge }: SetupAnswers): PlannedStep {
  const of = `profile ${profileId}: ${repoSlug} on ${forgeWords[forge]}, worker ${codingWorker}`;
  if (what === "keep")
    return { name: "profile", state: "not-needed", what: `${of}; it is there and stays; --force replaces it` };
  const copied = forge === "local" && what === "write" ? "; the repository is copied to the local forge" : "";
  return { name: "profile", state: "to-do", what: `${what} ${of}${copied}` };
}

function labels({ repoSlug }: SetupAnswers): PlannedStep {
  return { name: "labels", state: "to-do", what: `make the labels that ${repoSlug} lacks` };
}

function starterIssues({ starterIssues: names }: SetupAnswers): PlannedStep {
  if (names.length > 0)
    return { name: "starter-issues", state: "to-do", what: `open, unless they are there: ${names.join(", ")}` };
  const what = "no starter issues; --create-starter-issues makes them";
  return { name: "starter-issues", state: "skipped", what };
}

function sync({ sync: isAsked }: SetupAnswers): PlannedStep {
  if (isAsked) return { name: "sync", state: "to-do", what: "copy this version into the runtime home" };
  return { name: "sync", state: "skipped", what: "this version is not copied into the runtime home; --sync copies it" };
}

function service({ installService, profileId }: SetupAnswers): PlannedStep {
  if (installService)
    return { name: "service", state: "to-do", what: `install and start the service of profile ${profileId}` };
  return { name: "service", state: "skipped", what: "no service; --install-service lets the system keep it running" };
}

function runtime({ startRuntime }: SetupAnswers): PlannedStep {
  if (startRuntime) return { name: "runtime", state: "to-do", what: "start the runtime, unless it runs" };
  return { name: "runtime", state: "skipped", what: "the runtime is not started; --start-runtime starts it" };
}

/** Last: nobody's work needs it. */
const dashboard = (port: number): PlannedStep => ({
  ...{
    name: "dashboard",
    state: "to-do",
    what: `install and start the dashboard's service, on http://127.0.0.1:${port}`,
  },
});
