import type { OutboxRow } from "../domain/outbox.ts";
import type { Instant } from "../domain/time.ts";
import type { Clock } from "../ports.ts";
import { claimOutboxRow } from "./claim-outbox-row.ts";
import type { Executor } from "./executor.ts";
import { ListQuery } from "./list-query.ts";
import { type OutboxRecord, outboxColumns, outboxRowFrom, readOutboxRow, saveOutboxRows } from "./outbox-rows.ts";
import { dropRow, markFailed, markSendStarted, markSent, putOff, retryNow, waitFor } from "./outbox-verdicts.ts";
import { resendRows } from "./resend-rows.ts";
import { all, count, must, type Operation } from "./statement.ts";
import type { OutboxCounts, OutboxStanding, OutboxStore } from "./store.ts";
import { restoreRows, takeBackRow, withdrawRows } from "./withdraw-rows.ts";

export function outboxStore(executor: Executor, clock: Clock): OutboxStore {
  return {
    enqueue: (rows, actor, taskId) =>
      executor.write(() => saveOutboxRows(rows, { actor, taskId: taskId ?? null, term: null }, clock.now())),
    claim: (request) => executor.write(() => claimOutboxRow(request, clock.now())),
    sendStarts: (id, owner) => executor.write(() => markSendStarted(id, owner, clock.now())),
    sent: (id, owner, result) => executor.write(() => markSent(id, owner, result, clock.now())),
    retryLater: (id, owner, error, nextAt, maybeApplied) =>
      executor.write(() => putOff(id, owner, error, nextAt, maybeApplied, clock.now())),
    waits: (id, owner, why, nextAt, maybeApplied) =>
      executor.write(() => waitFor(id, owner, why, nextAt, maybeApplied)),
    failed: (id, owner, error, maybeApplied = true) =>
      executor.write(() => markFailed(id, owner, error, maybeApplied, clock.now())),
    retry: (id, actor) => executor.write(() => retryNow(id, actor, clock.now())),
    drop: (id, actor, reason) => executor.write(() => dropRow(id, actor, reason, clock.now())),
    withdraw: (taskId, actor, why, rows) => executor.write(() => withdrawRows(taskId, actor, why, rows, clock.now())),
    resend: (taskId, actor, rows) => executor.write(() => resendRows(taskId, actor, rows, clock.now())),
    restore: (taskId, actor) => executor.write(() => restoreRows(taskId, actor, clock.now())),
    takeBack: (id, actor, reason) => executor.write(() => takeBackRow(id, actor, reason, clock.now())),
    merges: (streams) => executor.read(() => listMerges(streams)),
    unsettledPulls: (profileId) => executor.read(() => listUnsettledPulls(profileId)),
    pullSettled: (profileId, number) => executor.write(() => markPullSettled(profileId, number, clock.now())),
    get: (id) => executor.read(() => readOutboxRow(id)),
    list: (filter) => executor.read(() => listOutbox(filter)),
    counts: (profileId) => executor.read(() => countOutbox(profileId)),
    sentSince: (profileId, since) => executor.read(() => countSent(profileId, since)),
    standing: (ids) => executor.read(() => readStanding(ids)),
  };
}

type Merge = OutboxRow<"merge"> & { readonly isTakenOut: boolean };

function* listMerges(streams: readonly string[]): Operation<readonly Merge[]> {
  const records = yield* all<OutboxRecord & { readonly takenOut: number }>(
    `select ${outboxColumns}, exists (
          select 1 from outbox later where later.needs_id = outbox.id and later.kind = 'leave-merge-queue'
        ) as "takenOut"
       from outbox
       where kind = 'merge' and stream in (select value from json_each(@streams)) order by id`,
    { streams: JSON.stringify(streams) },
  );
  return records.map(({ takenOut, ...record }) => ({
    ...(outboxRowFrom(record) as OutboxRow<"merge">),
    isTakenOut: takenOut === 1,
  }));
}

const unsettledPull =
  "profile_id = @profileId and kind = 'open-pull-request' and state = 'sent' and settled_at is null";

function* listUnsettledPulls(profileId: string): Operation<readonly number[]> {
  const rows = yield* all<{ readonly number: number | null }>(
    `select json_extract(result, '$.number') as number from outbox where ${unsettledPull} order by id`,
    { profileId },
  );
  return [...new Set(rows.flatMap(({ number }) => (typeof number === "number" ? [number] : [])))];
}

function* markPullSettled(profileId: string, number: number, now: Instant): Operation<void> {
  yield* count(
    `update outbox set settled_at = @now where ${unsettledPull} and json_extract(result, '$.number') = @number`,
    { profileId, number, now },
  );
}

function* listOutbox(filter: Parameters<OutboxStore["list"]>[0]): Operation<readonly OutboxRow[]> {
  const query = new ListQuery()
    .when("profile_id = @profileId", "profileId", filter.profileId)
    .when("needs_id = @needsId", "needsId", filter.needsId)
    .when("task_id = @taskId", "taskId", filter.taskId)
    .whenOneOf("state", filter.states);
  // The index's own condition, see listTasks.
  if (filter.states?.every((state) => state === "pending")) query.and("state = 'pending'");
  if (filter.states?.every((state) => state === "failed")) query.and("state = 'failed'");
  if (filter.states && !filter.states.includes("pending")) query.and("state <> 'pending'");
  const rows = yield* query.rows<OutboxRecord>({
    columns: outboxColumns,
    table: "outbox",
    order: ["id"],
    keep: "newest",
    limit: filter.limit,
  });
  return rows.map(outboxRowFrom);
}

function* countOutbox(profileId: string): Operation<OutboxCounts> {
  return yield* must<OutboxCounts>(
    `select (select count(*) from outbox where profile_id = @profileId and state = 'pending') as pending,
        (select count(*) from outbox where profile_id = @profileId and state = 'failed'
          and last_error not like 'withdrawn: %') as failed,
        (select count(*) from outbox where profile_id = @profileId and state = 'failed'
          and last_error like 'withdrawn: %') as "heldBack"`,
    { profileId },
  );
}

const countSent = (profileId: string, since: Instant): Operation<readonly { kind: string; count: number }[]> =>
  all(
    `select kind, count(*) as count from outbox
      where profile_id = @profileId and state = 'sent' and sent_at >= @since group by kind order by kind`,
    { profileId, since },
  );

const readStanding = (ids: readonly number[]): Operation<readonly OutboxStanding[]> =>
  all<OutboxStanding>(
    `select o.id, (select state from outbox needed where needed.id = o.needs_id) as "neededState",
        (select min(b.id) from outbox b where b.state = 'pending' and b.stream = o.stream and b.id < o.id) as "behindId"
       from outbox o where o.id in (select value from json_each(@ids)) order by o.id`,
    { ids: JSON.stringify(ids) },
  );
