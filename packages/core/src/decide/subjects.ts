import type { Lane } from "../domain/lane.ts";

/** `issue:12`, `pr:34`: the names of work items in the store. */
export const issueSubject = (number: number): string => `issue:${number}`;
export const pullRequestSubject = (number: number): string => `pr:${number}`;

export const issueNumberOf = (subject: string): number | null => numberIn(/^issue:(\d+)$/, subject);
export const pullRequestNumberOf = (subject: string): number | null => numberIn(/^pr:(\d+)$/, subject);

/** Issues and pull requests of one repository share their numbers. */
export const itemNumberOf = (subject: string): number | null => numberIn(/^(?:issue|pr):(\d+)$/, subject);

/** At most one live task per key. */
export const dedupeKeyOf = (profileId: string, subject: string, lane: Lane, revision: string): string =>
  `${profileId}/${subject}/${lane}/${revision}`;

/** Rows of one work item keep their order in the outbox. */
export const streamOf = (profileId: string, subject: string): string => `${profileId}/${subject}`;

function numberIn(pattern: RegExp, subject: string): number | null {
  const match = pattern.exec(subject);
  return match ? Number(match[1]) : null;
}
