import type { Check } from "@agent-control-plane/core";
import { pageShape } from "./page-shape.ts";

/** A check run with the app that reports it: two apps may use one name. */
export type CheckRun = Check & { readonly id: number; readonly app: string };

/** All checks of a commit, by name: the same ones always in the same order. */
export function assembleChecks(runs: readonly Check[], statuses: readonly Check[]): readonly Check[] {
  return [...runs, ...statuses].sort((a, b) => compare(a.name, b.name) || compare(a.kind, b.kind));
}

/** A job that runs again gets a new run beside its old one, and one workflow may run for two events at once. */
export function newestRuns(runs: readonly CheckRun[]): readonly Check[] {
  const newest = new Map<string, CheckRun>();
  for (const run of runs) {
    const key = JSON.stringify([run.app, run.name]);
    if ((newest.get(key)?.id ?? Number.NEGATIVE_INFINITY) < run.id) newest.set(key, run);
  }
  return [...newest.values()].map(({ app: _, ...check }) => check);
}

/** Throws on what is no check run: one that is left out would count as one that does not fail. */
export function normaliseCheckRun(raw: RawCheckRun): CheckRun {
  if (typeof raw.id !== "number" || typeof raw.name !== "string") throw new Error("not a check run");
  const state = runState(raw);
  const url = raw.html_url ?? raw.details_url ?? null;
  return {
    kind: "check-run",
    name: raw.name,
    app: String(raw.app?.slug ?? raw.app?.id ?? ""),
    state,
    id: raw.id,
    runId: workflowRunOf(raw.details_url) ?? workflowRunOf(raw.html_url),
    url: webAddress(url),
    summary: state === "failed" ? cut([raw.output?.title, raw.output?.summary].filter(Boolean).join("\n")) : "",
  };
}

/** Throws on what is no status, for the same reason. */
export function normaliseStatus(raw: RawStatus): Check {
  if (typeof raw.context !== "string") throw new Error("not a status");
  const state = statusState(raw.state);
  return {
    kind: "status",
    name: raw.context,
    state,
    id: null,
    runId: null,
    url: webAddress(raw.target_url),
    summary: state === "failed" ? cut(raw.description ?? "") : "",
  };
}

export const checkRunsShape = pageShape(
  "check-runs-1",
  normaliseCheckRun,
  (body) => (body as { check_runs?: unknown } | null)?.check_runs,
);

export const statusesShape = pageShape(
  "statuses-1",
  normaliseStatus,
  (body) => (body as { statuses?: unknown } | null)?.statuses,
);

interface RawCheckRun {
  readonly id?: unknown;
  readonly name?: unknown;
  readonly status?: unknown;
  readonly conclusion?: unknown;
  readonly details_url?: string | null;
  readonly html_url?: string | null;
  readonly app?: { readonly slug?: string; readonly id?: number } | null;
  readonly output?: { readonly title?: string | null; readonly summary?: string | null } | null;
}

interface RawStatus {
  readonly context?: unknown;
  readonly state?: unknown;
  readonly target_url?: string | null;
  readonly description?: string | null;
}

/** Only what the forge calls a success passes; a conclusion we do not know is a failure. */
function runState({ status, conclusion }: RawCheckRun): Check["state"] {
  if (status !== "completed" || conclusion === null || conclusion === undefined) return "pending";
  switch (conclusion) {
    case "success":
      return "passed";
    case "neutral":
      return "neutral";
    case "skipped":
      return "skipped";
    default:
      return "failed";
  }
}

function statusState(state: unknown): Check["state"] {
  if (state === "success") return "passed";
  return state === "pending" ? "pending" : "failed";
}

function workflowRunOf(url: string | null | undefined): number | null {
  const id = Number(/\/actions\/runs\/(\d+)(?:\/|$)/.exec(url ?? "")?.[1] ?? Number.NaN);
  return Number.isSafeInteger(id) ? id : null;
}

// What reports a check chooses its address; a page must be able to link it.
function webAddress(url: string | null | undefined): string | null {
  return url && /^https?:\/\//i.test(url) ? url : null;
}

const summaryLines = 20;
const summaryCharacters = 2_000;

function cut(text: string): string {
  const lines = text.split(/\r?\n/).slice(0, summaryLines).join("\n");
  // Not between the halves of a surrogate pair.
  return lines.slice(0, summaryCharacters).replace(/[\uD800-\uDBFF]$/, "");
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
