import {
  type ChangedRange,
  type FindingSeverity,
  findingSeverities,
  maxFindings,
  type ReviewFinding,
  type ReviewLedger,
} from "../../domain/review.ts";

/** One reviewer's report on one head. */
export interface ReviewReport {
  readonly outcome: "approved" | "changes-requested";
  readonly findings: readonly ReviewFinding[];
  readonly resolved: readonly string[];
}

export type ReviewVerdict = "approved" | "changes-requested" | "not-converging";

export type Converged =
  | { readonly kind: "invalid"; readonly problems: readonly string[] }
  | {
      readonly kind: "verdict";
      readonly verdict: ReviewVerdict;
      readonly ledger: ReviewLedger;
      /** An approval that does not count, because these are open. */
      readonly blocking: readonly string[];
    };

/**
 * What a report means after the same reviewer's earlier rounds. Each open finding is resolved or stays: one that is
 * named in neither list stays as it was, one that is listed again stays with its new words. It may come to weigh more;
 * less only by being resolved. An approval counts only when nothing blocking is open. Ids that were never given, are used twice, or come back after they were resolved make
 * the report invalid.
 *
 * A round that asks for changes has come no nearer to an end when it resolves nothing that was blocking, or when all that
 * it newly finds was there, unchanged, when it looked before (`changed`: the lines that changed since; null: not known,
 * and then nothing is held against it). After `maxStuckRounds` of them in a row it is `not-converging`.
 */
export function convergeReview(
  report: ReviewReport,
  before: ReviewLedger | null,
  at: {
    readonly headSha: string;
    readonly changed: readonly ChangedRange[] | null;
    readonly maxStuckRounds: number;
  },
): Converged {
  const problems = problemsOf(report, before);
  if (problems.length > 0) return { kind: "invalid", problems };
  const open = openAfter(report, before);
  if (open.length > maxFindings) {
    return { kind: "invalid", problems: [`findings: ${open.length} would be open, at most ${maxFindings} may be`] };
  }
  const blocking = open.filter(({ severity }) => severity === "blocking").map(({ id }) => id);
  const isApproved = report.outcome === "approved" && blocking.length === 0;
  const stuckRounds = isApproved || !isStuck(report, before, at.changed) ? 0 : (before?.stuckRounds ?? 0) + 1;
  const isHopeless = stuckRounds >= at.maxStuckRounds;
  return {
    kind: "verdict",
    verdict: isApproved ? "approved" : isHopeless ? "not-converging" : "changes-requested",
    blocking: report.outcome === "approved" ? blocking : [],
    ledger: {
      headSha: at.headSha,
      open,
      closed: [...(before?.closed ?? []), ...report.resolved].slice(-maxClosed),
      // A person has it now; what comes after their act is counted anew.
      stuckRounds: isHopeless ? 0 : stuckRounds,
    },
  };
}

/** Resolved ids that are remembered. */
const maxClosed = 500;

function problemsOf({ findings, resolved }: ReviewReport, before: ReviewLedger | null): readonly string[] {
  const known = new Set(before?.open.map(({ id }) => id));
  const closed = new Set(before?.closed);
  const found = findings.map(({ id }) => id);
  return [
    ...twice(found).map((id) => `findings: id "${id}" is there twice`),
    ...twice(resolved).map((id) => `resolved: id "${id}" is there twice`),
    ...resolved.filter((id) => !known.has(id)).map((id) => `resolved: "${id}" is no open finding of this review`),
    ...resolved.filter((id) => found.includes(id)).map((id) => `resolved: "${id}" is among the findings as well`),
    ...found.filter((id) => closed.has(id)).map((id) => `findings: id "${id}" was resolved before; use a new one`),
  ];
}

const twice = (ids: readonly string[]): readonly string[] => [
  ...new Set(ids.filter((id, index) => ids.indexOf(id) !== index)),
];

function openAfter({ findings, resolved }: ReviewReport, before: ReviewLedger | null): readonly ReviewFinding[] {
  const kept = (before?.open ?? []).filter(({ id }) => !resolved.includes(id));
  const saidAgain = (each: ReviewFinding) => {
    const again = findings.find(({ id }) => id === each.id);
    return again ? { ...again, severity: graver(each.severity, again.severity) } : each;
  };
  return [...kept.map(saidAgain), ...newFindings(findings, before)];
}

/** What blocks does not vanish because a later round says it more mildly. */
const graver = (one: FindingSeverity, other: FindingSeverity): FindingSeverity =>
  findingSeverities.indexOf(one) <= findingSeverities.indexOf(other) ? one : other;

const newFindings = (findings: readonly ReviewFinding[], before: ReviewLedger | null): readonly ReviewFinding[] =>
  findings.filter(({ id }) => !before?.open.some((each) => each.id === id));

function isStuck(report: ReviewReport, before: ReviewLedger | null, changed: readonly ChangedRange[] | null): boolean {
  if (before === null) return false;
  const demanded = before.open.filter(({ severity }) => severity === "blocking");
  if (demanded.length > 0 && !demanded.some(({ id }) => report.resolved.includes(id))) return true;
  const added = newFindings(report.findings, before);
  return changed !== null && added.length > 0 && !added.some((finding) => isOnChange(finding, changed));
}

/** A finding that names no place is on no change: what came since the last review is somewhere. */
const isOnChange = ({ path, line }: ReviewFinding, changed: readonly ChangedRange[]): boolean =>
  changed.some((range) => range.path === path && (line === null || (line >= range.from && line <= range.to)));
