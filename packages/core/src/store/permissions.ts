import type { Permission } from "../domain/reading.ts";
import type { Executor } from "./executor.ts";
import { all, count, type Operation } from "./statement.ts";
import type { PermissionStore } from "./store.ts";

export function permissionStore(executor: Executor): PermissionStore {
  return {
    put: (profileId, permission) => executor.write(() => putPermission(profileId, permission)),
    list: (profileId) => executor.read(() => listPermissions(profileId)),
  };
}

function* putPermission(profileId: string, { login, level, checkedAt }: Permission): Operation<void> {
  yield* count(
    `insert into permissions (profile_id, login, level, checked_at) values (@profileId, @login, @level, @checkedAt)
     on conflict (profile_id, login) do update set level = excluded.level, checked_at = excluded.checked_at`,
    { profileId, login, level, checkedAt },
  );
}

function* listPermissions(profileId: string): Operation<readonly Permission[]> {
  return yield* all<Permission>(
    `select login, level, checked_at as "checkedAt" from permissions where profile_id = @profileId order by login`,
    { profileId },
  );
}
