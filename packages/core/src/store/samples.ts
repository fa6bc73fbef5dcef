import type { Instant } from "../domain/time.ts";
import type { Executor } from "./executor.ts";
import { microsOf, usdOf } from "./spend-of-session.ts";
import { all, count, type Operation } from "./statement.ts";
import type { Sample, SampleStore } from "./store.ts";

export function sampleStore(executor: Executor): SampleStore {
  return {
    add: (sample) => executor.write(() => addSample(sample)),
    list: ({ profileId, since }) => executor.read(() => listSamples(profileId, since)),
  };
}

function* addSample({ usd, ...sample }: Sample): Operation<void> {
  yield* count(
    `insert into samples (at, profile_id, running, waiting, pending, oldest_wait_s, tokens, micros, allowance_left)
     values (@at, @profileId, @running, @waiting, @pending, @oldestWaitS, @tokens, @micros, @allowanceLeft)
     on conflict (at, profile_id) do nothing`,
    { ...sample, micros: microsOf(usd) },
  );
}

type SampleRow = Omit<Sample, "usd"> & { readonly micros: number };

function* listSamples(profileId: string | null, since: Instant): Operation<readonly Sample[]> {
  const which = profileId === null ? "" : "profile_id = @profileId and ";
  const rows = yield* all<SampleRow>(
    `select at, profile_id as "profileId", running, waiting, pending, oldest_wait_s as "oldestWaitS", tokens, micros,
        allowance_left as "allowanceLeft"
       from samples where ${which}at >= @since order by at, profile_id`,
    profileId === null ? { since } : { profileId, since },
  );
  return rows.map(({ micros, ...row }) => ({ ...row, usd: usdOf(micros) }));
}
