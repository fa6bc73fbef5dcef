import type { MergeRow, Snapshot } from "../domain/snapshot.ts";
import type { Effect } from "./effect.ts";
import type { Judged } from "./judge-candidates.ts";

/**
 * A merge that waits to be sent is taken back as soon as the judgement that asked for it does not hold any more: a push,
 * a label, a check, a review, a draft, whatever it was. It is asked for anew when it holds again. What began to be
 * sent keeps its way: it names the head that was reviewed, and the forge refuses any other.
 */
export function decideUnsentMerges({ forge, merges }: Snapshot, judged: readonly Judged[]): readonly Effect[] {
  if (forge.kind === "unseen") return [];
  const bySubject = new Map(judged.map((each) => [each.subject, each]));
  return [...merges].flatMap(([subject, rows]) =>
    rows.flatMap((row) => {
      if (row.state !== "pending" || row.sendStartedAt !== null) return [];
      const reason = speaksAgainst(bySubject.get(subject), row);
      return reason === null ? [] : [{ kind: "take-back" as const, rowId: row.id, subject, reason }];
    }),
  );
}

function speaksAgainst(judged: Judged | undefined, { body }: MergeRow): string | null {
  if (!judged) return "not-open";
  const { verdict, pin } = judged;
  if (pin !== body.headSha) return "superseded";
  if (verdict.kind === "wanted") return verdict.wanted.stage ?? "superseded";
  return verdict.because === "merging" ? null : verdict.because;
}
