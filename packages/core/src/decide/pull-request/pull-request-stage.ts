import type { HoldReason } from "../../domain/hold-reason.ts";
import type { PullRequestStage } from "../../domain/lane.ts";
import type { PullRequestRules } from "../../domain/policy.ts";
import type { Check, MergeState } from "../../domain/reading.ts";
import { type CiFacts, type CiRung, decideCiRung } from "./ci-ladder.ts";
import { type ChecksView, viewChecks } from "./pull-request-checks.ts";
import { needsDoubleCheck, type Risk } from "./pull-request-risk.ts";

/** What is known of one pull request at its present head. */
export interface StageFacts extends Omit<CiFacts, "failures"> {
  readonly isManaged: boolean;
  readonly isFork: boolean;
  readonly isDraft: boolean;
  readonly isBlocked: boolean;
  /** A person forces one more repair, and it was not made yet. */
  readonly isForced: boolean;
  readonly requestedReviewers: number;
  readonly mergeState: MergeState;
  readonly checks: readonly Check[];
  readonly risk: Pick<Risk, "tier" | "systemBreaking" | "tooBroad">;
  /** A person approved this very head. */
  readonly isApproved: boolean;
  /** Reviews of ours that passed this head. */
  readonly reviewsPassed: number;
  /** A review of ours asks for changes to this head. */
  readonly ourChangesRequested: boolean;
  /** What people's reviews ask for, of any head; `unchecked`: somebody asks of whom we do not know whether it counts. */
  readonly feedback: "none" | "requested" | "unchecked";
  /** Our review of this head comes to no end, and no person has settled it. */
  readonly reviewIsStuck?: boolean;
}

export interface StageDecision {
  readonly stage: PullRequestStage;
  /** The row of the table that said so. */
  readonly row: string;
  /** What holds it, when nothing is started at this stage. */
  readonly because: HoldReason;
  /** What stands between it and a merge, in codes; empty exactly when it is mergeable. */
  readonly missing: readonly string[];
  readonly isMergeable: boolean;
  /** All failures are the infrastructure's and do not count. */
  readonly isBypassed: boolean;
}

/** What a pull request needs next: the first row that holds. Whatever is not known keeps it from being mergeable. */
export function decideStage(facts: StageFacts, rules: PullRequestRules): StageDecision {
  const view = viewOf(facts, rules);
  const missing = missingOf(facts, view);
  const { row, stage, because } = stageTable.find(({ when }) => when(facts, view, missing)) ?? lastRow;
  return {
    row,
    stage: typeof stage === "function" ? stage(view) : stage,
    because,
    missing,
    isMergeable: missing.length === 0,
    isBypassed: view.checks.isBypassed,
  };
}

interface View {
  readonly checks: ChecksView;
  /** Nothing known is in the way of looking at it: the forge would merge it, and no check failed. */
  readonly isClean: boolean;
  readonly needsPerson: boolean;
  /** The review it needs next because its files are critical; null when it needs none. */
  readonly doubleCheck: 1 | 2 | null;
  readonly rung: CiRung;
}

interface Row {
  readonly row: string;
  readonly stage: PullRequestStage | ((view: View) => PullRequestStage);
  readonly because: HoldReason;
  readonly when: (facts: StageFacts, view: View, missing: readonly string[]) => boolean;
}

const doubleCheckStage = ({ doubleCheck }: View): PullRequestStage =>
  doubleCheck === 2 ? "double-check-2" : "double-check-1";

export const ciParkedRow = "10-ci-parked";

const lastRow: Row = { row: "nothing-to-do", stage: "ignore", because: "no-lane", when: () => true };

/**
 * The lane table of the reference in its order; rows marked "ours" are not in it. They keep apart what it sent to a
 * repair that had nothing to repair: a merge state the forge has not worked out, and a branch protection that waits
 * for a person.
 */
export const stageTable: readonly Row[] = [
  { row: "fork", stage: "ignore", because: "fork", when: ({ isFork }) => isFork },
  { row: "not-managed", stage: "ignore", because: "not-managed", when: ({ isManaged }) => !isManaged },
  { row: "draft", stage: "ignore", because: "draft", when: ({ isDraft }) => isDraft },
  { row: "1-blocked", stage: "blocked", because: "blocked", when: ({ isBlocked }) => isBlocked },
  { row: "2-dirty", stage: "merge-repair", because: "no-lane", when: ({ mergeState }) => mergeState === "dirty" },
  { row: "3-override", stage: "fix", because: "no-lane", when: ({ isForced }) => isForced },
  {
    row: "4-pending-checks",
    stage: "pending",
    because: "checks-pending",
    when: (_, { checks }) => checks.pending.length > 0,
  },
  {
    row: "5-scope-too-broad",
    stage: "fix",
    because: "no-lane",
    // Who approved this head has seen how broad it is.
    when: ({ risk, isApproved }) => risk.tooBroad !== null && !isApproved,
  },
  // Ours: reviewer and repair would go round for ever.
  {
    row: "6-review-stuck",
    stage: "human-review",
    because: "human-review",
    when: ({ reviewIsStuck }) => reviewIsStuck === true,
  },
  { row: "6-our-blocker", stage: "fix", because: "no-lane", when: ({ ourChangesRequested }) => ourChangesRequested },
  {
    row: "7-feedback",
    stage: "fix",
    because: "no-lane",
    when: ({ feedback, repairFoundNothing }) => feedback === "requested" && !repairFoundNothing,
  },
  // Ours: what a review asks for counts once it is known who asks.
  {
    row: "7-feedback-unchecked",
    stage: "pending",
    because: "details-unread",
    when: ({ feedback }) => feedback === "unchecked",
  },
  // Ours: checks that have to come are not finished before they have begun.
  { row: "7-no-checks", stage: "pending", because: "checks-pending", when: (_, { checks }) => checks.areMissing },
  {
    row: "8-needs-person",
    stage: "human-review",
    because: "human-review",
    when: ({ feedback }, { needsPerson, isClean }) => needsPerson && isClean && feedback === "none",
  },
  {
    row: "9-double-check",
    stage: doubleCheckStage,
    because: "no-lane",
    when: ({ feedback }, { doubleCheck, isClean }) => doubleCheck !== null && isClean && feedback === "none",
  },
  // Ours: what fails on the base as well is mended there, once, and not in each pull request.
  {
    row: "10-base-broken",
    stage: "pending",
    because: "base-checks-broken",
    when: (_, { rung }) => rung === "base-broken",
  },
  // The reference has checks run again only after a repair found nothing; ours asks for that before an agent is paid.
  {
    row: "10-ci-refresh",
    stage: "ci-refresh",
    because: "ci-refresh",
    when: ({ feedback }, { rung }) => rung === "rerun" && feedback === "none",
  },
  // Ours: repairs that did not help are not made again and again.
  {
    row: ciParkedRow,
    stage: "human-review",
    because: "ci-parked",
    when: (_, { rung }) => rung === "parked",
  },
  {
    row: "11-nothing-missing",
    stage: "automerge",
    because: "ready-to-merge",
    when: (_facts, _view, missing) => missing.length === 0,
  },
  {
    row: "12-repairable",
    stage: "fix",
    because: "no-lane",
    when: ({ mergeState }, { checks }) => checks.failures.length > 0 || mergeState === "behind",
  },
  // Ours: unstable without a failure we see, and draft without being one, are states of a moment ago.
  {
    row: "12-merge-state-unknown",
    stage: "pending",
    because: "merge-state-unknown",
    when: ({ mergeState }, { isClean }) => !isClean && mergeState !== "blocked",
  },
  // Ours: people ask for something in which a repair found nothing to do; they have to settle that.
  {
    row: "12-feedback-unanswered",
    stage: "human-review",
    because: "human-review",
    when: ({ feedback }) => feedback !== "none",
  },
  {
    row: "13-needs-person-anyway",
    stage: "human-review",
    because: "human-review",
    when: (_, { needsPerson }) => needsPerson,
  },
  {
    row: "14-double-check-anyway",
    stage: doubleCheckStage,
    because: "no-lane",
    when: (_, { doubleCheck }) => doubleCheck !== null,
  },
  // Ours: the forge's own rules wait for a person, who is spared a change that we have not looked at.
  {
    row: "14-protected-unreviewed",
    stage: "double-check-1",
    because: "no-lane",
    when: ({ mergeState, reviewsPassed }) => mergeState === "blocked" && reviewsPassed === 0,
  },
  {
    row: "14-protected",
    stage: "human-review",
    because: "human-review",
    when: ({ mergeState }) => mergeState === "blocked",
  },
  {
    row: "15-reviewers-requested",
    stage: "ignore",
    because: "reviewers-requested",
    when: ({ requestedReviewers }) => requestedReviewers > 0,
  },
  lastRow,
];

function viewOf(facts: StageFacts, rules: PullRequestRules): View {
  const checks = viewChecks(facts.checks, rules);
  const needsPerson = facts.risk.tier === "unknown" || (facts.risk.systemBreaking && !facts.isApproved);
  const needsReview = needsDoubleCheck(facts.risk) && facts.reviewsPassed < rules.criticalReviews;
  return {
    checks,
    isClean: wouldMerge(facts.mergeState, checks) && checks.failures.length === 0,
    needsPerson,
    doubleCheck: needsReview ? (facts.reviewsPassed === 0 ? 1 : 2) : null,
    rung: decideCiRung({ ...facts, failures: checks.failures }, rules),
  };
}

/** Failures that are bypassed, and our own review's, leave the forge calling it unstable. */
const wouldMerge = (state: MergeState, { isBypassed, isOursUnsettled }: ChecksView): boolean =>
  state === "clean" || (state === "unstable" && (isBypassed || isOursUnsettled));

function missingOf(facts: StageFacts, { checks, needsPerson, doubleCheck }: View): readonly string[] {
  const { risk, feedback, mergeState } = facts;
  const reasons: readonly (readonly [code: string, when: boolean])[] = [
    ["fork", facts.isFork],
    ["not-managed", !facts.isManaged],
    ["draft", facts.isDraft],
    ["blocked", facts.isBlocked],
    ["requested-reviewers-present", facts.requestedReviewers > 0],
    ["agent-status-blocker-present", facts.ourChangesRequested],
    ["review-not-converging", facts.reviewIsStuck === true],
    ["scope-too-broad", risk.tooBroad !== null && !facts.isApproved],
    ["manual-fix-override", facts.isForced],
    ["review-feedback-present", feedback === "requested"],
    ["review-feedback-unchecked", feedback === "unchecked"],
    ["risk-unknown", risk.tier === "unknown"],
    ["system-breaking-risk-scope", needsPerson && risk.systemBreaking],
    [`double-check-${doubleCheck}-pending`, doubleCheck !== null],
    ["no-checks-reported", checks.areMissing],
    ...checks.pending.map(({ name }) => [`check-pending: ${name}`, true] as const),
    ...checks.failures.map(({ name }) => [`check-failed: ${name}`, true] as const),
    [`merge-state-${mergeState}`, !wouldMerge(mergeState, checks)],
  ];
  return reasons.filter(([, when]) => when).map(([code]) => code);
}
