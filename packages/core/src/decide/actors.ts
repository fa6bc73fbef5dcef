import type { LabelNames, SchedulingPolicy } from "../domain/policy.ts";
import type { IssueReading, Timeline } from "../domain/reading.ts";
import type { CandidateIssue, CandidatePullRequest, ForgeView, Snapshot } from "../domain/snapshot.ts";
import { closersOf } from "./issue/linked-pull-requests.ts";
import { issueSubject, pullRequestSubject } from "./subjects.ts";
import { labelSetBy } from "./trust.ts";

type Seen = Extract<ForgeView, { kind: "seen" }>;

/** Everybody whose rights matter for what starts, lets in or counts as work, in lower case, each once. */
export function actorsOf(
  forge: Seen,
  policy: SchedulingPolicy,
  isAsked?: (subject: string) => boolean,
): readonly string[] {
  const issues = isAsked ? forge.issues.filter(({ issue }) => isAsked(issueSubject(issue.number))) : forge.issues;
  const pulls = isAsked
    ? forge.pullRequests.filter(({ pullRequest }) => isAsked(pullRequestSubject(pullRequest.number)))
    : forge.pullRequests;
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
function actorsOfIssue(candidate: CandidateIssue, policy: SchedulingPolicy): readonly string[] {
  const letters = lettersIn(candidate, policy);
  const comments = candidate.reading?.reading.timeline.comments ?? [];
  return comments.length === 0 ? letters : unique([...letters, ...comments.map(({ author }) => author)]);
}

/** Everybody whose labels and reviews move a pull request on. */
function actorsOfPullRequest(candidate: CandidatePullRequest, policy: SchedulingPolicy): readonly string[] {
  const reviews = candidate.reading?.reading.timeline.reviews ?? [];
  return unique([...labelSettersOf(candidate, policy), ...reviews.map(({ author }) => author)]);
}

function lettersIn({ reading }: CandidateIssue, { labels }: SchedulingPolicy): readonly string[] {
  if (reading === null) return [];
  const { timeline, edit } = reading.reading;
  const before = letters.get(timeline);
  if (before && before.labels === labels && before.edit === edit) return before.logins;
  const logins = unique([
    labelSetBy(timeline, labels.ready)?.actor,
    labelSetBy(timeline, labels.humanApproved)?.actor,
    edit?.editor,
    ...timeline.renames.map(({ actor }) => actor),
  ]);
  letters.set(timeline, { labels, edit, logins });
  return logins;
}

/** Of issues that were not read anew since the last tick, whose readings are the same objects then. */
const letters = new WeakMap<
  Timeline,
  Pick<IssueReading, "edit"> & { readonly labels: LabelNames; readonly logins: readonly string[] }
>();

function labelSettersOf({ reading }: CandidatePullRequest, policy: SchedulingPolicy): readonly (string | undefined)[] {
  if (reading === null) return [];
  const { handoff, humanApproved, manualFixOverride } = policy.labels;
  return [handoff, humanApproved, manualFixOverride].map((label) => labelSetBy(reading.reading.timeline, label)?.actor);
}

const unique = (logins: readonly (string | undefined)[]): readonly string[] => [
  ...new Set(logins.flatMap((login) => (login === undefined || login === "" ? [] : [login.toLowerCase()]))),
];
