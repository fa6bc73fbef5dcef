import { namesOf } from "../../decide/pull-request/ci-ladder.ts";
import { viewChecks } from "../../decide/pull-request/pull-request-checks.ts";
import { pullRequestSubject } from "../../decide/subjects.ts";
import type { Check } from "../../domain/reading.ts";
import type { BaseView } from "../../domain/snapshot.ts";
import type { PullRequest } from "../../domain/work-item.ts";
import { ForgeError } from "../../ports.ts";
import type { Project } from "../project.ts";

/** The checks of one head of the base, as far as they were read. */
export interface BaseChecks {
  readonly sha: string;
  readonly checks: readonly Check[];
  readonly read: readonly Check["kind"][];
}

type Reader = Pick<Project, "source" | "known" | "policy" | "log">;

/**
 * Names of the checks that fail on the base's head. Asked for only while one of these pull requests to it has a failed
 * check, and only the kinds that failed: what was not read yet, else one of them in turn, which is free while nothing
 * moves. Throws `ForgeError`, but for a definite no: then nothing is known, and each failure counts as its own.
 */
export async function observeBaseChecks(
  project: Reader,
  base: Pick<BaseView, "branch" | "sha">,
  pullRequests: readonly PullRequest[],
): Promise<readonly string[]> {
  const { known, policy } = project;
  const wanted = kindsThatFail(project, base.branch, pullRequests);
  if (wanted.length === 0) return [];
  const before = known.baseChecks?.sha === base.sha ? known.baseChecks : { sha: base.sha, checks: [], read: [] };
  const unread = wanted.filter((kind) => !before.read.includes(kind));
  const asked = unread.length > 0 ? unread : [wanted[known.turn % wanted.length] as Check["kind"]];
  known.baseChecks = await readKinds(project, before, asked);
  return namesOf(viewChecks(known.baseChecks.checks, policy.pullRequests).failures);
}

function kindsThatFail(
  { known, policy }: Reader,
  branch: string,
  pullRequests: readonly PullRequest[],
): readonly Check["kind"][] {
  const failures = pullRequests.flatMap(({ number, headSha, baseRef }) => {
    const reading = known.pullRequests.get(pullRequestSubject(number))?.reading;
    if (baseRef !== branch || reading?.headSha !== headSha) return [];
    return viewChecks(reading.checks, policy.pullRequests).failures;
  });
  return [...new Set(failures.map(({ kind }) => kind))].sort();
}

async function readKinds(
  { source, log }: Reader,
  before: BaseChecks,
  kinds: readonly Check["kind"][],
): Promise<BaseChecks> {
  let found = before;
  for (const kind of kinds) {
    try {
      const checks = await source.checksOf(found.sha, kind === "status" ? "statuses" : "check-runs", found.checks);
      found = { ...found, checks, read: [...new Set([...found.read, kind])] };
    } catch (error) {
      const isItsOwn = error instanceof ForgeError && (error.failure === "refused" || error.failure === "gone");
      if (!isItsOwn) throw error;
      log.warn("checks of the base could not be read", { sha: found.sha, error: error.message });
    }
  }
  return found;
}
