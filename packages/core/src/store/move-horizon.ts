import type { Instant } from "../domain/time.ts";
import { count, type Operation } from "./statement.ts";

/** What is older may leave the log; the database refuses everything else. */
export function* moveHorizon(at: Instant): Operation<void> {
  yield* count(
    `insert into log_horizon (id, at, looked_at) values (1, @at, @at)
     on conflict (id) do update set at = max(at, excluded.at)`,
    { at },
  );
}
