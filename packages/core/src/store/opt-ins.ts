import type { Executor } from "./executor.ts";
import { all, count, type Operation } from "./statement.ts";
import type { OptIn, OptInStore } from "./store.ts";

type OptInRow = Omit<OptIn, "trusted"> & { readonly trusted: 0 | 1 };

export function optInStore(executor: Executor): OptInStore {
  return {
    put: (optIn) => executor.write(() => putOptIn(optIn)),
    list: (profileId) => executor.read(() => listOptIns(profileId)),
  };
}

function* putOptIn(optIn: OptIn): Operation<void> {
  yield* count(
    `insert into opt_ins (profile_id, subject, label, item_updated_at, actor, permission, trusted)
     values (@profileId, @subject, @label, @itemUpdatedAt, @actor, @permission, @trusted)
     on conflict (profile_id, subject, label) do update set item_updated_at = excluded.item_updated_at,
        actor = excluded.actor, permission = excluded.permission, trusted = excluded.trusted`,
    { ...optIn, trusted: optIn.trusted ? 1 : 0 },
  );
}

function* listOptIns(profileId: string): Operation<readonly OptIn[]> {
  const rows = yield* all<OptInRow>(
    `select profile_id as "profileId", subject, label, item_updated_at as "itemUpdatedAt", actor, permission, trusted
       from opt_ins where profile_id = @profileId order by subject, label`,
    { profileId },
  );
  return rows.map((row) => ({ ...row, trusted: row.trusted === 1 }));
}
