import type { Profile, UserError } from "@agent-control-plane/core";
import type { SetupFacts } from "./detect-facts.ts";
import type { Installed } from "./install-setup.ts";
import type { Finding } from "./judge-prerequisites.ts";
import type { PlannedStep } from "./plan-setup.ts";
import type { SetupAnswers } from "./propose-answers.ts";
import type { SetupOptions } from "./setup-options.ts";

/** `not-ready`: a prerequisite is missing, nothing was written. `failed`: a step; what came before it stands. */
export type SetupStatus = "ok" | "dry-run" | "not-ready" | "failed";

export interface SetupReport {
  readonly facts: SetupFacts;
  readonly answers: SetupAnswers;
  readonly profile: Profile;
  readonly prerequisites: readonly Finding[];
  readonly planned: readonly PlannedStep[];
  /** Null: nothing was made. */
  readonly installed: Installed | null;
  readonly isDryRun: boolean;
}

/** Pure. The one document of `acp setup --json`. */
export function setupDocument(report: SetupReport) {
  const { facts, answers, profile, prerequisites, planned, installed, isDryRun } = report;
  const status = statusOf(report);
  return {
    setupStatus: status,
    setupMode: isDryRun ? "dry-run" : "run",
    profileId: profile.id,
    profileExists: answers.profile !== "write",
    repoSlug: profile.repo.slug,
    forge: profile.forge.provider,
    codingWorker: profile.execution.codingWorker,
    paths: {
      repoRoot: profile.repo.root,
      agentRoot: profile.runtime.agentRoot,
      worktreeRoot: profile.runtime.worktreeRoot,
    },
    detected: {
      originHost: facts.repository?.originHost ?? null,
      defaultBranch: facts.repository?.defaultBranch ?? null,
      packageManager: facts.repository?.verification.packageManager ?? null,
      agents: facts.agents,
    },
    verificationCommands: profile.verification.commands,
    prerequisites,
    steps: installed?.steps ?? planned,
    labelsMade: installed?.labelsMade ?? [],
    starterIssues: installed?.starterIssues ?? [],
    synced: installed?.synced ?? null,
    service: installed?.service ?? null,
    dashboard: installed?.dashboard ?? null,
    runtime: installed?.runtime ?? null,
    nextSteps: nextSteps(report),
  };
}

/** Pure. What cannot even be planned. */
export const errorDocument = ({ message, exitCode }: UserError, { dryRun, plan }: SetupOptions) => ({
  setupStatus: "error",
  setupMode: dryRun === true || plan === true ? "dry-run" : "run",
  error: message,
  exitCode,
});

/** Pure. */
export function statusOf({ installed, isDryRun }: Pick<SetupReport, "installed" | "isDryRun">): SetupStatus {
  if (isDryRun) return "dry-run";
  if (installed === null) return "not-ready";
  return installed.steps.some(({ state }) => state === "failed") ? "failed" : "ok";
}

/** Pure. What the person does now; commands as they are typed. */
export function nextSteps({ profile, installed, answers, prerequisites, isDryRun }: SetupReport): readonly string[] {
  const fixes = prerequisites.filter(({ level }) => level === "problem");
  if (fixes.length > 0) return fixes.map(({ fix, command }) => command ?? fix);
  if (isDryRun) return ["run it again without --dry-run"];
  if (installed === null || installed.steps.some(({ state }) => state === "failed"))
    return ['correct what failed, and run "acp setup" again: it goes on from there'];
  const id = profile.id;
  const isLocal = profile.forge.provider === "local";
  const first = installed.starterIssues[0]?.number;
  const ready = profile.queue.labels.ready;
  return [
    ...(installed.runtime === null ? [`acp runtime start --profile-id ${id}`] : []),
    ...(first !== undefined
      ? [`acp why ${first} --profile-id ${id}`]
      : isLocal
        ? [`acp issue create --profile-id ${id} --title "what is to be done" --label ${ready}`]
        : [`give an issue of ${profile.repo.slug} the label ${ready}`]),
    `acp runtime status --profile-id ${id}`,
    `acp doctor --profile-id ${id}`,
    `acp pr list --profile-id ${id}`,
    ...(answers.startRuntime ? [`acp runtime stop --profile-id ${id}`] : []),
  ];
}

/** Pure. A finding on one line, or two. */
export function findingText({ level, subject, found, fix, command }: Finding): string {
  if (level === "ok") return `✓ ${subject}: ${found}`;
  const mark = level === "note" ? "!" : "✗";
  return `${mark} ${subject}: ${found}\n  Fix: ${fix}${command === null ? "" : ` Run: ${command}`}`;
}

/** Pure. */
export function stepText({ name, state, what }: { name: string; state: string; what: string }): string {
  return `${marks[state] ?? "·"} ${name}: ${what}${notes[state] ?? ""}`;
}

const marks: Readonly<Record<string, string>> = { done: "✓", "not-needed": "✓", failed: "✗", "to-do": "→" };
const notes: Readonly<Record<string, string>> = { "not-reached": " (not reached)" };
