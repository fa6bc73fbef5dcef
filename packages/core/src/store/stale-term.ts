import { termBoundKinds } from "../domain/outbox.ts";
import { type Operation, one } from "./statement.ts";

/**
 * A row that speaks for one attempt's work is stale once its task was claimed for another attempt after it was saved.
 * Adopting the lease raises the term as well and is no new attempt, so what counts is the term of the newest claim. A
 * row whose sending has begun may be on the forge already: it is settled first, and refused only if it is not there.
 */
export const staleTermError = (id: number): Operation<string | null> => staleError(id, "and o.send_started_at is null");

/** As above, when the forge was read and has nothing of it. */
export const staleTermErrorOfUnsent = (id: number): Operation<string | null> => staleError(id, "");

function* staleError(id: number, unless: string): Operation<string | null> {
  const stale = yield* one<{ readonly taskId: number; readonly term: number; readonly claimedTerm: number }>(
    `select t.id as "taskId", o.term, t.claimed_term as "claimedTerm"
       from outbox o join tasks t on t.id = o.task_id
      where o.id = @id and o.term < t.claimed_term and o.kind in (${kinds}) ${unless}`,
    { id },
  );
  if (!stale) return null;
  return (
    `stale-term: it was wanted under term ${stale.term} of task ${stale.taskId}, which was claimed for another attempt ` +
    `under term ${stale.claimedTerm} since`
  );
}

const kinds = termBoundKinds.map((kind) => `'${kind}'`).join(", ");
