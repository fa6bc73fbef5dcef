import type { Log } from "@agent-control-plane/core";

/** For commands that only look: what they find is their output, not a log line. */
export const silentLog: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing };

function nothing(): void {}
