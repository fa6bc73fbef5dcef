import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { type Clock, commandWorkers, FlowEngine, type Log, type OpenStore } from "@agent-control-plane/core";
import { isAlive } from "@agent-control-plane/runners";
import { backends } from "@agent-control-plane/runners/backends";
import { createCallBack } from "./call-back.ts";
import { openFlowWorkers } from "./open-workers.ts";

/** What a runtime works flows with. */
export function openFlowEngine(of: {
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  readonly store: OpenStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly runtimeId: string;
}): FlowEngine {
  return new FlowEngine({
    ...of,
    workers: openFlowWorkers(of),
    workerNames: flowWorkers(),
    newSessionId: () => `f${randomBytes(6).toString("hex")}`,
    callBack: createCallBack(of),
    isGone: async (runtimeId) => {
      const row = (await of.store.runtimes.list()).find(({ id }) => id === runtimeId);
      return row !== undefined && row.host === hostname() && !isAlive(row.process);
    },
  });
}

/** Names that a task may have as worker. */
export const flowWorkers = (): readonly string[] => [
  ...new Set([...commandWorkers, ...backends.map(({ name }) => name)]),
];
