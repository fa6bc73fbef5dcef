import type { Reading } from "../../decide/decide-readings.ts";
import type { PullRequestPart, PullRequestReading, StoredReading } from "../../domain/reading.ts";
import type { Instant, Millis } from "../../domain/time.ts";
import type { PullRequest } from "../../domain/work-item.ts";
import { ForgeError } from "../../ports.ts";
import type { Project } from "../project.ts";

/** Times of the forge have whole seconds: what is read this soon after a change may miss another one of that second. */
const settlingMs: Millis = 2_000;

type Reader = Pick<Project, "source" | "known" | "clock" | "log">;

/** Reads what was decided to be read. An item the forge does not answer for stays as it is; it says nothing of the others. */
export async function readDetails(project: Reader, readings: readonly Reading[], baseSha: string): Promise<void> {
  for (const reading of readings) {
    const { subject } = reading;
    try {
      await readOne(project, reading, baseSha);
      project.known.refused.delete(subject);
    } catch (error) {
      const isItsOwn = error instanceof ForgeError && (error.failure === "refused" || error.failure === "gone");
      if (!isItsOwn) throw error;
      const { updatedAt } = reading.kind === "issue" ? reading.issue : reading.pullRequest;
      project.known.refused.set(subject, { itemUpdatedAt: updatedAt, at: project.clock.now() });
      project.log.warn("item could not be read", { subject, error: error.message });
    }
  }
}

async function readOne(project: Reader, reading: Reading, baseSha: string): Promise<void> {
  const { source, known, clock } = project;
  if (reading.kind === "issue") return readIssue(project, reading);
  const readAt = clock.now();
  const { pullRequest, part, subject } = reading;
  const before = known.pullRequests.get(subject);
  const isPart = part !== "all" && before !== undefined && isOfNow(before, pullRequest);
  const read = await source.readPullRequest(
    pullRequest,
    isPart ? { kind: part, before: before.reading } : { kind: "all" },
  );
  const found = { ...read, ...baseOf(before, pullRequest) };
  const stored: StoredReading<PullRequestReading> = isPart
    ? {
        ...withoutAge(before),
        ...(part === "merge-state" || part === "merge-state-anew" ? { baseSha } : {}),
        ...ageOf(before, part, found),
        reading: found,
      }
    : {
        itemUpdatedAt: pullRequest.updatedAt,
        isSettled: readAt - pullRequest.updatedAt >= settlingMs,
        readAt,
        headSeenAt: headSeenAt(before, pullRequest),
        baseSha,
        ...(before?.reading.headSha === pullRequest.headSha && before.ciRefreshes
          ? { ciRefreshes: before.ciRefreshes }
          : {}),
        ...(before?.peopleAskedAt === pullRequest.headSha ? { peopleAskedAt: pullRequest.headSha } : {}),
        ...ageOf(before, part, found),
        reading: found,
      };
  // An idle look at checks that have not moved writes nothing.
  if (isPart && JSON.stringify(stored) === JSON.stringify(before)) return;
  await known.keepPullRequest(subject, stored);
}

const withoutAge = ({ isMergeStateOld: _, ...stored }: StoredReading<PullRequestReading>) => stored;

/** Checks that moved may have moved mergeability, and the forge's ETag does not tell. */
function ageOf(
  before: StoredReading<PullRequestReading> | undefined,
  part: PullRequestPart,
  found: PullRequestReading,
): { readonly isMergeStateOld?: true } {
  if (part === "merge-state-anew" || before?.reading.headSha !== found.headSha) return {};
  const states = ({ checks }: PullRequestReading) => JSON.stringify(checks.map(({ name, state }) => [name, state]));
  return before.isMergeStateOld || states(before.reading) !== states(found) ? { isMergeStateOld: true } : {};
}

/**
 * The second look at an issue that was read in the second of its change asks for its last edit only when its text is
 * another one by now: an edit shows in the list, and the question is metered even when the answer is the same.
 */
async function readIssue(
  { source, known, clock }: Reader,
  { subject, issue }: Extract<Reading, { readonly kind: "issue" }>,
): Promise<void> {
  const { updatedAt, title, body } = issue;
  const readAt = clock.now();
  const isSettled = readAt - updatedAt >= settlingMs;
  const before = known.issues.get(subject);
  const text = JSON.stringify([title, body]);
  const isSameText = before?.itemUpdatedAt === updatedAt && known.unsettledTexts.get(subject) === text;
  const reading = await source.readIssue(issue, isSameText ? before.reading : undefined);
  await known.keepIssue(subject, { itemUpdatedAt: updatedAt, isSettled, readAt, headSeenAt: null, reading });
  if (isSettled) known.unsettledTexts.delete(subject);
  else known.unsettledTexts.set(subject, text);
}

type Seen = StoredReading<PullRequestReading> | undefined;

const isOfNow = (before: Seen, { headSha, baseRef }: PullRequest): boolean =>
  before?.reading.headSha === headSha && before.reading.baseRef === baseRef;

/** Onto another base the same head is another change: what was approved before was not that. */
const headSeenAt = (before: Seen, pullRequest: PullRequest): Instant =>
  isOfNow(before, pullRequest) ? (before?.headSeenAt ?? pullRequest.updatedAt) : pullRequest.updatedAt;

/** Of a reading that does not tell its base nothing is concluded: it counts as of another one. */
function baseOf(before: Seen, { baseRef, updatedAt }: PullRequest): Pick<PullRequestReading, "baseRef" | "baseSeenAt"> {
  const since = before && (before.reading.baseRef === baseRef ? before.reading.baseSeenAt : updatedAt);
  return since === undefined ? { baseRef } : { baseRef, baseSeenAt: since };
}
