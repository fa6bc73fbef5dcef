import type { Ending } from "@agent-control-plane/core";

/** What the session's program came to, before the host's own words are added. */
export type ProgramEnding = Omit<Ending, "startedAt" | "endedAt">;
