// A runtime for flows that kills itself at a chosen commit, and answers questions as an agent would: by its inbox.
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Flow, FlowEngine, openStore, systemClock } from "@agent-control-plane/core";
import { createCommandWorkers, runCallback } from "@agent-control-plane/runners";

/** Args: path of the store; `before` or `after` a commit, or `never`; which one, from 1. */
const [path = "", moment = "never", number = "0"] = process.argv.slice(2);
let commits = 0;
let hasCommitted = false;

const store = await openStore({
  path,
  onStatement(sql) {
    if (hasCommitted && moment === "after" && commits === Number(number)) die();
    hasCommitted = sql === "commit";
    if (!hasCommitted) return;
    commits += 1;
    if (moment === "before" && commits === Number(number)) die();
  },
});
const quiet = { debug() {}, info() {}, warn() {}, error: console.error };
let sessions = 0;
const engine = new FlowEngine({
  ...{ store, clock: systemClock, log: quiet, runtimeId: `dying-${process.pid}`, workerNames: ["shell"] },
  workers: createCommandWorkers({ clock: systemClock, env: process.env }),
  newSessionId: () => `s${process.pid}-${Date.now()}-${++sessions}`,
  isGone: async (runtimeId) => !isThere(Number(runtimeId.split("-")[1])),
  callBack: (flow, { delivery }, leaving) =>
    runCallback({ flow, command: commandOf(flow), document: "{}", delivery, leaving, host: process.env }),
});
const running = engine.run();
for (;;) {
  const [flow] = await store.flows.list({});
  if (!flow) throw new Error("There is no flow");
  for (const { ref } of await store.flows.decisions({ flowId: flow.id, open: true })) answer(flow, ref);
  const kept = await store.tasks.list({ queue: "flow-keepers", states: ["queued", "running", "scheduled"] });
  if (flow.finishedAt !== null && kept.length === 0) break;
  await systemClock.sleep(40);
}
await engine.stop("keep");
await running;
process.stdout.write(`${JSON.stringify({ commits })}\n`);
process.exit(0);

function answer({ folder }: Flow, ref: string): void {
  const inbox = join(folder, "inbox.jsonl");
  if (existsSync(inbox) && readFileSync(inbox, "utf8").includes(ref)) return;
  appendFileSync(inbox, `{"type":"DECIDE","ref":"${ref}","answer":"retry","id":"${ref}"}\n`);
}

function commandOf({ plan: { onDone } }: Flow): readonly string[] {
  return onDone?.kind === "command" ? onDone.command : ["true"];
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function die(): never {
  process.kill(process.pid, "SIGKILL");
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}
