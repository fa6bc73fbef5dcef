import { FlowEngine, type OpenStore } from "@agent-control-plane/core";
import { createCommandWorkers } from "../../src/flow/index.ts";

const quiet = { debug() {}, info() {}, warn() {}, error() {} };
let engines = 0;

/** One that runs real commands. */
export function engineFor(store: OpenStore): FlowEngine {
  engines += 1;
  const runtimeId = `r${engines}`;
  let sessions = 0;
  return new FlowEngine({
    ...{ store, clock: store.clock, log: quiet, runtimeId, workerNames: ["shell", "python"] },
    workers: createCommandWorkers({ clock: store.clock, env: process.env }),
    newSessionId: () => {
      sessions += 1;
      return `flow-test-${process.pid}-${Date.now()}-${runtimeId}-${sessions}`;
    },
    callBack: async () => ({ isOver: true, answer: "told" }),
  });
}
