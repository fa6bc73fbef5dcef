import type { SchedulingPolicy } from "../domain/policy.ts";
import type { CandidateIssue, CandidatePullRequest } from "../domain/snapshot.ts";
import { labelSetBy } from "./trust.ts";

/** Everybody whose rights decide what an issue's opt-in and comments are worth; in lower case, each once. */
export function actorsOfIssue({ reading }: CandidateIssue, policy: SchedulingPolicy): readonly string[] {
  if (reading === null) return [];
  const { timeline, edit } = reading.reading;
  return unique([
    labelSetBy(timeline, policy.labels.ready)?.actor,
    edit?.editor,
    ...timeline.renames.map(({ actor }) => actor),
    ...timeline.comments.map(({ author }) => author),
  ]);
}

/** Everybody whose labels and reviews move a pull request on. */
export function actorsOfPullRequest({ reading }: CandidatePullRequest, policy: SchedulingPolicy): readonly string[] {
  if (reading === null) return [];
  const { timeline } = reading.reading;
  const { handoff, humanApproved, manualFixOverride } = policy.labels;
  return unique([
    ...[handoff, humanApproved, manualFixOverride].map((label) => labelSetBy(timeline, label)?.actor),
    ...timeline.reviews.map(({ author }) => author),
  ]);
}

const unique = (logins: readonly (string | undefined)[]): readonly string[] => [
  ...new Set(logins.flatMap((login) => (login === undefined || login === "" ? [] : [login.toLowerCase()]))),
];
