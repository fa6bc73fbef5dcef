import { openStore } from "@agent-control-plane/core";
import { runSessionWrapper } from "@agent-control-plane/runners";

/** The process that outlives the daemon: one per session, given the path of its spec. */
const specPath = process.argv[2];
if (specPath === undefined) {
  process.stderr.write("The session wrapper is started by the runtime, with the path of a session's spec.json.\n");
  process.exit(64);
}
await runSessionWrapper({ specPath, openStore: (path) => openStore({ path }) });
