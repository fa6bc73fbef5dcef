import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { type Clock, type Flow, FlowEngine, type Log, type OpenStore } from "@agent-control-plane/core";
import { backends } from "@agent-control-plane/runners/backends";
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
    callBack: tellOwner,
  });
}

/** Names that a task may have as worker. */
export const flowWorkers = (): readonly string[] => [
  ...new Set(["shell", "python", ...backends.map(({ name }) => name)]),
];

const callbackMs = 30_000;

/** Once, when a flow is over; what came of it is noted with the flow. */
async function tellOwner({ id, name, state, reason, folder, plan }: Flow): Promise<string> {
  const callback = plan.onDone;
  if (callback === null) return "none";
  const told = { flow: id, name, state, reason, folder };
  try {
    if (callback.kind === "command") return await runCallback(callback.command, JSON.stringify(told));
    const answer = await fetch(callback.url, {
      ...{ method: "POST", body: JSON.stringify(told), headers: { "content-type": "application/json" } },
      signal: AbortSignal.timeout(callbackMs),
    });
    return `HTTP ${answer.status}`;
  } catch (error) {
    return `failed: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** It is given the document on its standard input. */
function runCallback([file = "", ...args]: readonly string[], document: string): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      stdio: ["pipe", "ignore", "ignore"],
      timeout: callbackMs,
      killSignal: "SIGKILL",
    });
    child.on("error", (error) => resolve(`failed: ${error.message}`));
    child.on("exit", (code, signal) => resolve(`exit ${signal ?? code}`));
    child.stdin.on("error", () => {});
    child.stdin.end(document);
  });
}
