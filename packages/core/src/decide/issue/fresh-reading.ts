import type { IssueReading } from "../../domain/reading.ts";
import type { CandidateIssue } from "../../domain/snapshot.ts";

/** The reading of the issue as it is in the list now; one of an earlier state says nothing of what was done since. */
export function freshReading({ issue, reading }: CandidateIssue): IssueReading | null {
  return reading !== null && reading.itemUpdatedAt === issue.updatedAt ? reading.reading : null;
}
