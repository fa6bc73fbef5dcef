import type { PullRequestStage } from "../../domain/lane.ts";
import type { LabelNames } from "../../domain/policy.ts";
import type { PullRequest } from "../../domain/work-item.ts";
import { hasLabel } from "../trust.ts";
import type { StageDecision } from "./pull-request-stage.ts";

export interface LabelChanges {
  readonly add: readonly string[];
  /** As they are spelled on the pull request. */
  readonly remove: readonly string[];
}

/**
 * Single labels to add and to remove, so that exactly one lane label follows the stage; empty when nothing differs.
 * Only labels that are ours are touched, and none on a pull request that is not ours to work on, or while it is not known
 * what it needs: each move of the base would take the labels off and set them again.
 */
export function laneLabelChanges(
  pullRequest: Pick<PullRequest, "labels">,
  decision: Pick<StageDecision, "stage" | "row" | "isMergeable" | "isBypassed">,
  labels: LabelNames,
): LabelChanges {
  if (silentRows.has(decision.row)) return { add: [], remove: [] };
  const stageLabel = stageLabels[decision.stage];
  const isBlocked = decision.stage === "blocked";
  const wanted = [
    ...(stageLabel ? [labels[stageLabel]] : []),
    ...(decision.isMergeable ? [labels.automerge] : []),
    ...(decision.isBypassed && !isBlocked ? [labels.ciBypassed] : []),
  ];
  const people = { labels: peoplesLabels.map((each) => labels[each]) };
  const ours = { labels: ourLabels.map((each) => labels[each]).filter((each) => !hasLabel(people, each)) };
  return {
    add: wanted.filter((each) => hasLabel(ours, each) && !hasLabel(pullRequest, each)),
    remove: pullRequest.labels.filter((each) => hasLabel(ours, each) && !hasLabel({ labels: wanted }, each)),
  };
}

const silentRows: ReadonlySet<string> = new Set([
  "fork",
  "not-managed",
  "7-feedback-unchecked",
  "12-merge-state-unknown",
]);

const stageLabels: Readonly<Partial<Record<PullRequestStage, keyof LabelNames>>> = {
  fix: "repairQueued",
  "merge-repair": "repairQueued",
  "ci-refresh": "ciRefresh",
  "double-check-1": "doubleCheck1",
  "double-check-2": "doubleCheck2",
  "human-review": "humanReview",
};

const ourLabels = [
  "repairQueued",
  "ciRefresh",
  "ciBypassed",
  "doubleCheck1",
  "doubleCheck2",
  "humanReview",
  "automerge",
] as const satisfies readonly (keyof LabelNames)[];

/** Left alone even where a profile gives one of ours the same name. */
const peoplesLabels = [
  "hold",
  "handoff",
  "manualFixOverride",
  "humanApproved",
  "ready",
  "exclusive",
  "keepOpen",
  "blocked",
  "heavy",
] as const satisfies readonly (keyof LabelNames)[];
