import { all, count, type Operation, one } from "./statement.ts";
import type { SlotLimit } from "./store.ts";

/**
 * A slot is a name that a running task takes one of, from its claim to the end of its lease. The rows hang on the lease
 * row and are deleted with it by the database itself, so that no way of ending a lease can forget them; adopting a
 * lease changes its row and keeps them.
 */
export function* takeSlots(taskId: number, slots: readonly string[]): Operation<void> {
  yield* count(`insert into held_slots (task_id, slot) select @taskId, value from json_each(@slots)`, {
    taskId,
    slots: JSON.stringify([...new Set(slots)]),
  });
}

/**
 * A task whose agent has ended keeps its room while the work is verified, and no place of its provider's account: who
 * tries out a limit that has ended would wait for checks that ask no provider. Answers what it holds still, or null when
 * that is as it was.
 */
export function* leaveAccount(taskId: number): Operation<readonly string[] | null> {
  const left = yield* count(`delete from held_slots where task_id = @taskId and slot like 'account:%'`, { taskId });
  if (left === 0) return null;
  const kept = yield* all<{ readonly slot: string }>(
    `select slot from held_slots where task_id = @taskId order by slot`,
    { taskId },
  );
  return kept.map(({ slot }) => slot);
}

/** Counted under the write lock of the claim that asks: nobody can take the last one in between. */
export function* isAnyFull(within: readonly SlotLimit[]): Operation<boolean> {
  const full = yield* one(
    `select 1 from json_each(@within) asked
      where (select count(*) from held_slots where slot = asked.value ->> 'slot') >= (asked.value ->> 'max') limit 1`,
    { within: JSON.stringify(within) },
  );
  return full !== undefined;
}

export function* countHeldSlots(): Operation<ReadonlyMap<string, number>> {
  const rows = yield* all<{ readonly slot: string; readonly held: number }>(
    `select slot, count(*) as held from held_slots group by slot order by slot`,
    {},
  );
  return new Map(rows.map(({ slot, held }) => [slot, held]));
}
