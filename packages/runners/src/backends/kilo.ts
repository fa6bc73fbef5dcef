import { opencodeLike } from "./opencode-family.ts";

/** A fork of opencode. What it has beside it: a daemon, telemetry, uploads of sessions, an index of the code. */
export const kiloBackend = opencodeLike({
  name: "kilo",
  testedVersion: "7.7.7",
  prefix: "KILO",
  announcesStart: false,
  env: {
    KILO_NO_DAEMON: "1",
    KILO_TELEMETRY_LEVEL: "off",
    KILO_DISABLE_SESSION_INGEST: "1",
    KILO_DISABLE_PRESENCE: "1",
    KILO_DISABLE_CODEBASE_INDEXING: "1",
  },
});
