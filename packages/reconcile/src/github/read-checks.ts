import type { Check } from "@agent-control-plane/core";
import { assembleChecks, checkRunsShape, newestRuns, statusesShape } from "./checks.ts";
import type { ConditionalReader } from "./conditional-read.ts";
import type { RepositoryName } from "./repository-name.ts";

/** The checks of one commit: check runs and statuses are two lists, of one page each unless there are many. */
export async function readChecks(
  reader: ConditionalReader,
  at: RepositoryName,
  sha: string,
): Promise<readonly Check[]> {
  const [runs, statuses] = await Promise.all([readRuns(reader, at, sha), readStatuses(reader, at, sha)]);
  return assembleChecks(runs, statuses);
}

/**
 * Only what is pending moves, so only that list is asked for: one request while check runs alone, or statuses alone,
 * are pending. Once the last of them ended, and when nothing was pending to begin with, both lists are, or what came
 * into the other one meanwhile would never be seen.
 */
export async function readMovingChecks(
  reader: ConditionalReader,
  at: RepositoryName,
  sha: string,
  before: readonly Check[],
): Promise<readonly Check[]> {
  const ofKind = (kind: Check["kind"]) => before.filter((check) => check.kind === kind);
  const [runs, statuses] = [ofKind("check-run"), ofKind("status")];
  if (runs.some(isPending) === statuses.some(isPending)) return readChecks(reader, at, sha);
  const moved = runs.some(isPending)
    ? assembleChecks(await readRuns(reader, at, sha), statuses)
    : assembleChecks(runs, await readStatuses(reader, at, sha));
  return moved.some(isPending) ? moved : readChecks(reader, at, sha);
}

/** One request: what is known of the other kind stands. */
export async function readOneKind(
  reader: ConditionalReader,
  at: RepositoryName,
  before: { readonly headSha: string; readonly checks: readonly Check[] },
  kind: "check-runs" | "statuses",
): Promise<readonly Check[]> {
  const known = (of: Check["kind"]) => before.checks.filter((check) => check.kind === of);
  return kind === "check-runs"
    ? assembleChecks(await readRuns(reader, at, before.headSha), known("status"))
    : assembleChecks(known("check-run"), await readStatuses(reader, at, before.headSha));
}

async function readRuns(reader: ConditionalReader, at: RepositoryName, ref: string): Promise<readonly Check[]> {
  const route = "/repos/{owner}/{repo}/commits/{ref}/check-runs";
  const query = { ...at, ref, filter: "latest" };
  return newestRuns(await reader.all(route, query, checkRunsShape, (run) => run.id, { grows: true }));
}

function readStatuses(reader: ConditionalReader, at: RepositoryName, ref: string): Promise<readonly Check[]> {
  const route = "/repos/{owner}/{repo}/commits/{ref}/status";
  return reader.all(route, { ...at, ref }, statusesShape, (status) => status.name, { grows: true });
}

function isPending(check: Check): boolean {
  return check.state === "pending";
}
