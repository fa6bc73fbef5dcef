import type { SchedulingPolicy } from "../domain/policy.ts";
import type { CandidateIssue, CandidatePullRequest, ForgeView, Snapshot } from "../domain/snapshot.ts";
import { closersOf } from "./issue/linked-pull-requests.ts";
import { issueSubject, pullRequestSubject } from "./subjects.ts";
import { labelSetBy } from "./trust.ts";

type Seen = Extract<ForgeView, { kind: "seen" }>;

/** Everybody whose rights matter for what starts, lets in or counts as work, in lower case, each once. */
export function actorsOf(
  forge: Seen,
  policy: SchedulingPolicy,
  isAsked: (subject: string) => boolean = () => true,
): readonly string[] {
  const issues = forge.issues.filter(({ issue }) => isAsked(issueSubject(issue.number)));
  const pulls = forge.pullRequests.filter(({ pullRequest }) => isAsked(pullRequestSubject(pullRequest.number)));
  return unique([
    ...pulls.flatMap((candidate) => actorsOfPullRequest(candidate, policy)),
    ...issues.flatMap((candidate) => actorsOfIssue(candidate, policy)),
  ]);
}

/** Those whose pull requests say that they work on an issue: it waits for them when they may say so. */
export function closersAmong({ pullRequests, issues }: Seen, { profileId, slug }: SchedulingPolicy): readonly string[] {
  const numbers = new Set(issues.map(({ issue }) => issue.number));
  return unique(closersOf(pullRequests, numbers, profileId, slug));
}

/** Those of them by whom an item is let in or kept out: the ones it waits for when they may not. */
export function gatekeepersOf(forge: Seen, policy: SchedulingPolicy): readonly string[] {
  return unique([
    ...forge.pullRequests.flatMap((candidate) => labelSettersOf(candidate, policy)),
    ...forge.issues.flatMap((candidate) => lettersIn(candidate, policy)),
  ]);
}

/** What is known of these logins that trusts them with anything: what people lose matters, not what they never had. */
export function trustedAmong(
  logins: readonly string[],
  { permissions, policy }: Pick<Snapshot, "permissions" | "policy">,
): readonly string[] {
  const levels = new Set([...policy.trust.labels, ...policy.trust.comments]);
  return logins.filter((login) => {
    const known = permissions.get(login);
    return known !== undefined && levels.has(known.level);
  });
}

/** Everybody whose rights decide what an issue's opt-in and comments are worth; in lower case, each once. */
export function actorsOfIssue(candidate: CandidateIssue, policy: SchedulingPolicy): readonly string[] {
  const comments = candidate.reading?.reading.timeline.comments ?? [];
  return unique([...lettersIn(candidate, policy), ...comments.map(({ author }) => author)]);
}

/** Everybody whose labels and reviews move a pull request on. */
export function actorsOfPullRequest(candidate: CandidatePullRequest, policy: SchedulingPolicy): readonly string[] {
  const reviews = candidate.reading?.reading.timeline.reviews ?? [];
  return unique([...labelSettersOf(candidate, policy), ...reviews.map(({ author }) => author)]);
}

function lettersIn({ reading }: CandidateIssue, policy: SchedulingPolicy): readonly (string | undefined)[] {
  if (reading === null) return [];
  const { timeline, edit } = reading.reading;
  return [
    labelSetBy(timeline, policy.labels.ready)?.actor,
    labelSetBy(timeline, policy.labels.humanApproved)?.actor,
    edit?.editor,
    ...timeline.renames.map(({ actor }) => actor),
  ];
}

function labelSettersOf({ reading }: CandidatePullRequest, policy: SchedulingPolicy): readonly (string | undefined)[] {
  if (reading === null) return [];
  const { handoff, humanApproved, manualFixOverride } = policy.labels;
  return [handoff, humanApproved, manualFixOverride].map((label) => labelSetBy(reading.reading.timeline, label)?.actor);
}

const unique = (logins: readonly (string | undefined)[]): readonly string[] => [
  ...new Set(logins.flatMap((login) => (login === undefined || login === "" ? [] : [login.toLowerCase()]))),
];
