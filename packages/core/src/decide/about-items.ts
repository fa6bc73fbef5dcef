import type { HoldReason } from "../domain/hold-reason.ts";
import type { ItemAbout, PullAbout, ScheduleAbout } from "../domain/item-about.ts";
import type { PullRequestRules } from "../domain/policy.ts";
import type { Check } from "../domain/reading.ts";
import type { CandidateIssue, CandidatePullRequest, Decision, Snapshot } from "../domain/snapshot.ts";
import { parseCadence } from "./issue/cadence.ts";
import { checkTimes, pastChecks } from "./issue/check-times.ts";
import { viewChecks } from "./pull-request/pull-request-checks.ts";
import { assessRisk } from "./pull-request/pull-request-risk.ts";
import { issueSubject, pullRequestSubject } from "./subjects.ts";

/** By subject, what people are shown of every candidate; nothing of a forge that was not seen. Decides nothing. */
export function aboutItems(snapshot: Snapshot, decisions: readonly Decision[]): ReadonlyMap<string, ItemAbout> {
  const { forge } = snapshot;
  if (forge.kind === "unseen") return new Map();
  const said = new Map(decisions.map((decision) => [decision.subject, decision]));
  return new Map([
    ...forge.issues.map((candidate) => {
      const subject = issueSubject(candidate.issue.number);
      return [subject, aboutIssue(snapshot, candidate, said.get(subject))] as const;
    }),
    ...forge.pullRequests.map((candidate) => {
      const subject = pullRequestSubject(candidate.pullRequest.number);
      return [subject, aboutPullRequest(snapshot, candidate, said.get(subject))] as const;
    }),
  ]);
}

/** GitHub allows 256; another forge may allow anything. */
const mostTitle = 300;

const titled = ({ title, url }: { readonly title: string; readonly url: string }) => ({
  title: title.slice(0, mostTitle),
  url: url.slice(0, 2 * mostTitle),
});

function aboutIssue(snapshot: Snapshot, candidate: CandidateIssue, decision: Decision | undefined): ItemAbout {
  const { issue } = candidate;
  const schedule = decision?.lane === "scheduled-check" ? scheduleOf(snapshot, candidate) : null;
  return { ...titled(issue), ...(schedule ? { schedule } : {}) };
}

function scheduleOf({ history, policy, now }: Snapshot, candidate: CandidateIssue): ScheduleAbout | null {
  const { issue } = candidate;
  const reading = parseCadence(issue.body);
  if (reading.kind !== "cadence") return null;
  const { cadence, line } = reading;
  const past = history.get(issueSubject(issue.number)) ?? [];
  const { due, next, last } = checkTimes({ candidate, policy, history: past, now }, cadence, pastChecks(past));
  return { line, everyMs: cadence.kind === "interval" ? cadence.everyMs : null, lastAt: last, dueAt: due ?? next };
}

/** Of others we only say that they are there. */
const notOurs: ReadonlySet<HoldReason> = new Set<HoldReason>(["not-managed", "fork", "handoff-untrusted"]);

function aboutPullRequest(
  snapshot: Snapshot,
  candidate: CandidatePullRequest,
  decision: Decision | undefined,
): ItemAbout {
  const isOurs = decision !== undefined && !(decision.kind === "hold" && notOurs.has(decision.because));
  return { ...titled(candidate.pullRequest), ...(isOurs ? { pull: pullOf(snapshot, candidate) } : {}) };
}

function pullOf({ policy }: Snapshot, { pullRequest, reading }: CandidatePullRequest): PullAbout {
  const { headSha } = pullRequest;
  if (reading === null) return { headSha, risk: null, checks: "unknown" };
  const { files, checks } = reading.reading;
  const { tier } = assessRisk(files, policy.pullRequests.risk);
  return { headSha, risk: tier, checks: checksInOneWord(checks, policy.pullRequests) };
}

function checksInOneWord(reported: readonly Check[], rules: PullRequestRules): PullAbout["checks"] {
  const { failures, pending } = viewChecks(reported, rules);
  if (failures.length > 0) return "failed";
  if (pending.length > 0) return "running";
  return reported.length === 0 ? "none" : "passed";
}
