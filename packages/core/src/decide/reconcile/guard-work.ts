import type { WorkEvidence } from "../../domain/evidence.ts";
import type { GuardFinding } from "../../domain/guard.ts";
import type { FailureReason } from "../../domain/reason.ts";
import { changesOnlyBlanks } from "../guard/changes-only-blanks.ts";
import { findProblems } from "../guard/find-problems.ts";
import { type Conclusion, needsHuman, type ReconcileFacts, tryAgain } from "./conclusion.ts";

/**
 * What is wrong with how an agent left its git, in the order in which it would mislead whoever looks at the rest; null
 * when nothing is.
 */
export function refuseStray(facts: ReconcileFacts, evidence: WorkEvidence): Conclusion | null {
  const { strayed, problems, leftOut = [], files } = evidence;
  if (strayed?.kind === "older") {
    return tryAgain(facts, "old-commits", "its head is a commit from before the session, and none of its own");
  }
  if (strayed?.kind === "rewritten") {
    return tryAgain(facts, "history-rewritten", "the history it started from was rewritten");
  }
  if (strayed?.kind === "other-branch") {
    return tryAgain(facts, "wrong-branch", `its commits are on ${strayed.ref}, and not on the branch it was given`);
  }
  if (problems.length > 0) return tryAgain(facts, "unpublishable-tree", problems.join("; "));
  if (files.length === 0 && leftOut.length > 0) {
    return tryAgain(facts, "agent-artefacts-only", `it changed nothing but files of agent tools: ${listed(leftOut)}`);
  }
  return null;
}

/**
 * Looks the work through before any check is run on it: what cannot be published is refused here. `publish` turns the
 * conclusion of work that passed its checks into one that waits for a person, when something in it asks for that.
 */
export function guardWork(
  facts: ReconcileFacts,
):
  | { readonly refused: Conclusion }
  | { readonly refused: null; readonly publish: (conclusion: Conclusion) => Conclusion } {
  const { inspection, policy } = facts;
  if (inspection === null) {
    return { refused: tryAgain(facts, "work-unreadable", "the change could not be looked through line by line") };
  }
  const dropped = inspection.delta.droppedOfBase?.merged ?? [];
  if (dropped.length > 0) {
    const summary = `the merge throws away what the base changed, where nothing conflicts: ${listed(dropped)}`;
    return { refused: tryAgain(facts, "base-changes-dropped", summary) };
  }
  if (facts.merge !== "holds-base" && changesOnlyBlanks(inspection.delta)) {
    return { refused: tryAgain(facts, "no-publishable-delta", "the session changed nothing but blank space") };
  }
  const findings = findProblems(inspection, policy.guards);
  const refused = findings.find(({ verdict }) => verdict === "refuse");
  if (refused) {
    const all = findings.filter(({ verdict }) => verdict === "refuse").flatMap(({ found }) => found);
    return { refused: { ...needsHuman(facts, refused.code, `${saying[refused.code]} ${listed(all)}`), findings } };
  }
  const asked = findings.filter(({ verdict }) => verdict === "approve");
  return { refused: null, publish: (conclusion) => withFindings(conclusion, findings, asked) };
}

function withFindings(
  conclusion: Conclusion,
  findings: readonly GuardFinding[],
  asked: readonly GuardFinding[],
): Conclusion {
  const first = asked[0];
  if (!first || conclusion.outcome !== "published" || conclusion.release.kind !== "succeeded") {
    return { ...conclusion, findings };
  }
  const approval = asked.flatMap(({ found }) => found).slice(0, maxListed);
  const result = { ...(conclusion.release.result as object), approval };
  return {
    ...conclusion,
    reason: first.code,
    release: { ...conclusion.release, reason: first.code, result },
    summary: `${conclusion.summary}; ${saying[first.code]} ${listed(approval)}`,
    findings,
  };
}

const maxListed = 30;

function listed(found: readonly string[]): string {
  const shown = found.slice(0, maxListed);
  const left = found.length - shown.length;
  return left > 0 ? `${shown.join("; ")}; and ${left} more` : shown.join("; ");
}

const saying: { readonly [code in Extract<FailureReason, GuardFinding["code"]>]: string } = {
  "secret-in-diff": "the change holds what looks like a secret:",
  "scope-guard-blocked": "the change is larger than the profile lets through:",
  "protected-paths": "a person has to approve changes to:",
  "weakened-tests": "tests check less than before:",
  "base-changes-dropped": "a person has to approve what the merge leaves as it was:",
};
