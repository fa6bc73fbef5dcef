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
 * The checks of the base's head: the names of those that fail, and what they say as a whole. Asked for only while one of
 * these pull requests to it has a failed check, and only the kinds that failed, or while an issue stands for its being
 * broken: what was not read yet, else one of them in turn, which is free while nothing moves. Throws `ForgeError`, but for a definite no: then nothing is known, and each failure counts as its own.
 */
export async function observeBaseChecks(
  project: Reader,
  base: Pick<BaseView, "branch" | "sha" | "item">,
  pullRequests: readonly PullRequest[],
): Promise<Pick<BaseView, "failing" | "checks">> {
  const { known, policy } = project;
  const isFollowed = base.item !== undefined && base.item.closedAt === null;
  const wanted = isFollowed ? bothKinds : kindsThatFail(project, base.branch, pullRequests);
  if (wanted.length === 0) return {};
  const before = known.baseChecks?.sha === base.sha ? known.baseChecks : { sha: base.sha, checks: [], read: [] };
  const unread = wanted.filter((kind) => !before.read.includes(kind));
  const asked = unread.length > 0 ? unread : [wanted[known.turn % wanted.length] as Check["kind"]];
  known.baseChecks = await readKinds(project, before, asked);
  const { checks, read } = known.baseChecks;
  const { failures, pending } = viewChecks(checks, policy.pullRequests);
  const failing = namesOf(failures);
  const isWhole = bothKinds.every((kind) => read.includes(kind)) && pending.length === 0 && checks.length > 0;
  return {
    ...(failing.length === 0 ? {} : { failing }),
    ...(isFollowed ? { checks: failing.length > 0 ? "failed" : isWhole ? "passed" : "unknown" } : {}),
  };
}

const bothKinds: readonly Check["kind"][] = ["check-run", "status"];

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
