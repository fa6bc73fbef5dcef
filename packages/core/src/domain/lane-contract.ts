import type { Lane } from "./lane.ts";

/** What an agent may say of its work, in our words; each lane knows some of them. */
export const contractOutcomes = [
  "implemented",
  "updated-branch",
  "no-change-needed",
  "reported",
  "approved",
  "changes-requested",
  "blocked",
] as const;
export type ContractOutcome = (typeof contractOutcomes)[number];

/** The outcomes of one lane, each with its actions. */
export type LaneContract = { readonly [outcome in ContractOutcome]?: readonly string[] };

/**
 * What an agent of each lane may say, and the actions that go with it. The first action stands for a missing one, but
 * where a lane's outcome has two meanings the report has to say which. The action is read for nothing else: what
 * happens to a reviewed pull request is never the reviewer's to say.
 */
export const laneContracts: { readonly [lane in Lane]: LaneContract } = {
  "issue-implementation": issueContract(),
  "blocked-recovery": issueContract(),
  "scheduled-check": { reported: ["host-comment-scheduled-report", "host-comment-scheduled-alert"] },
  "pr-review": {
    approved: [
      "host-record-review",
      "host-advance-double-check-2",
      "host-approve-and-merge",
      "host-await-human-review",
    ],
    "changes-requested": ["host-comment-review-findings", "requested-changes-or-blocked"],
    blocked: ["host-comment-pr-blocker", "host-comment-blocker", "requested-changes-or-blocked"],
  },
  "pr-fix": repairContract(),
  "pr-merge-repair": repairContract(),
};

/** A report that does not say which of these it means says nothing. */
export const mustNameAction = (outcome: ContractOutcome): boolean => outcome === "reported";

export const alertAction = "host-comment-scheduled-alert";

/** Other names for an outcome, by lane: the reference's, and what agents write in their place. */
export function canonicalOutcome(lane: Lane, outcome: string): string {
  if (lane === "pr-review" && outcome === "approved-local-review-passed") return "approved";
  if ((lane === "pr-fix" || lane === "pr-merge-repair") && outcome === "implemented") return "updated-branch";
  return outcome;
}

function issueContract() {
  return {
    implemented: ["host-publish-issue-pr"],
    blocked: ["host-comment-blocker"],
    "no-change-needed": ["host-comment-no-change"],
  } as const;
}

function repairContract() {
  return {
    "updated-branch": ["host-push-pr-branch", "host-publish-issue-pr"],
    "no-change-needed": ["host-refresh-pr-state", "host-comment-no-change"],
    blocked: ["host-comment-pr-blocker", "host-comment-blocker", "requested-changes-or-blocked"],
  } as const;
}
