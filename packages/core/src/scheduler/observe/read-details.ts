import type { Reading } from "../../decide/decide-readings.ts";
import type { PullRequestReading, StoredReading } from "../../domain/reading.ts";
import type { Instant, Millis } from "../../domain/time.ts";
import { ForgeError } from "../../ports.ts";
import type { Project } from "../project.ts";

/** Times of the forge have whole seconds: what is read this soon after a change may miss another one of that second. */
const settlingMs: Millis = 2_000;

type Reader = Pick<Project, "source" | "known" | "clock" | "log">;

/** Reads what was decided to be read. An item the forge does not answer for stays as it is; it says nothing of the others. */
export async function readDetails(project: Reader, readings: readonly Reading[], baseSha: string): Promise<void> {
  for (const reading of readings) {
    try {
      await readOne(project, reading, baseSha);
    } catch (error) {
      const isItsOwn = error instanceof ForgeError && (error.failure === "refused" || error.failure === "gone");
      if (!isItsOwn) throw error;
      project.log.warn("item could not be read", { subject: reading.subject, error: error.message });
    }
  }
}

async function readOne({ source, known, clock }: Reader, reading: Reading, baseSha: string): Promise<void> {
  const readAt = clock.now();
  if (reading.kind === "issue") {
    const { updatedAt } = reading.issue;
    await known.keepIssue(reading.subject, {
      itemUpdatedAt: updatedAt,
      isSettled: readAt - updatedAt >= settlingMs,
      readAt,
      headSeenAt: null,
      reading: await source.readIssue(reading.issue),
    });
    return;
  }
  const { pullRequest, part, subject } = reading;
  const before = known.pullRequests.get(subject);
  const isPart = part !== "all" && before !== undefined && before.reading.headSha === pullRequest.headSha;
  const found = await source.readPullRequest(
    pullRequest,
    isPart ? { kind: part, before: before.reading } : { kind: "all" },
  );
  const stored: StoredReading<PullRequestReading> = isPart
    ? { ...before, ...(part === "merge-state" ? { baseSha } : {}), reading: found }
    : {
        itemUpdatedAt: pullRequest.updatedAt,
        isSettled: readAt - pullRequest.updatedAt >= settlingMs,
        readAt,
        headSeenAt: headSeenAt(before, pullRequest),
        baseSha,
        ...(before?.reading.headSha === pullRequest.headSha && before.ciRefreshes
          ? { ciRefreshes: before.ciRefreshes }
          : {}),
        reading: found,
      };
  // An idle look at checks that have not moved writes nothing.
  if (isPart && JSON.stringify(stored) === JSON.stringify(before)) return;
  await known.keepPullRequest(subject, stored);
}

function headSeenAt(
  before: StoredReading<PullRequestReading> | undefined,
  { headSha, updatedAt }: { readonly headSha: string; readonly updatedAt: Instant },
): Instant {
  return before?.reading.headSha === headSha ? (before.headSeenAt ?? updatedAt) : updatedAt;
}
