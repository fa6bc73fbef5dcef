import { derivedCount } from "./schema-fields.ts";

/** How fast a profile writes to its forge, in the section `forge`. 0: as fast as it can. */
export const paceKeys = {
  writes_per_minute: derivedCount(100_000),
  writes_per_hour: derivedCount(1_000_000),
};

/** What GitHub asks of one account for everything that makes content. */
export const githubPace = { writes_per_minute: 80, writes_per_hour: 500 };
export const noPace = { writes_per_minute: 0, writes_per_hour: 0 };
