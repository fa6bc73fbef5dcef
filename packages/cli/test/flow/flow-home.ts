// A runtime home with flows, the commands in this very process, and a runtime of the test's own to work them.
import { writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { openStore, storePath, systemClock } from "@agent-control-plane/core";
import { processMark } from "@agent-control-plane/runners";
import { temporaryFolder } from "@agent-control-plane/testkit";
import { onTestFinished } from "vitest";
import { openFlowEngine } from "../../src/flow/open-engine.ts";
import { type Answered, runHere } from "../support/in-process.ts";

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

export function flowHome() {
  const folder = temporaryFolder();
  const home = join(folder, ".agent-runtime");
  const env: NodeJS.ProcessEnv = { HOME: folder, PATH: process.env.PATH, ACP_ACTOR: "ann", AGENT_RUNTIME_HOME: home };
  const acp = (args: readonly string[], input = ""): Promise<Answered> => runHere(args, { env, cwd: folder, input });
  const json = async <T>(...args: readonly string[]): Promise<T> => {
    const { code, stdout, stderr } = await acp([...args, "--json"]);
    if (stdout === "") throw new Error(`${args.join(" ")}: ${code} ${stderr}`);
    return JSON.parse(stdout) as T;
  };
  return {
    ...{ folder, home, env, acp, json },
    /** Writes a plan, and submits it; nobody works it yet. */
    async submit(plan: object, name = "plan"): Promise<string> {
      writeFileSync(join(folder, `${name}.json`), JSON.stringify(plan));
      const { code, stdout, stderr } = await acp(["flow", "run", `${name}.json`, "--no-start"]);
      if (code !== 0) throw new Error(stderr);
      return stdout.trim();
    },
    /** From now on this process works the home's flows, until the test is over or `leave` is called. */
    async work(): Promise<{ leave(): Promise<void> }> {
      const store = await openStore({ path: storePath(home) });
      const runtimeId = `t-${process.pid}`;
      const engine = openFlowEngine({ home, env, store, clock: systemClock, log: quiet, runtimeId });
      const mark = processMark(process.pid);
      if (!mark) throw new Error("no mark of this process");
      const at = systemClock.now();
      const row = { id: runtimeId, process: mark, host: hostname(), version: "0", profileIds: [], lastTick: {} };
      await store.runtimes.put({ ...row, startedAt: at, heartbeatAt: at, state: "ready" });
      const running = engine.run();
      let left: Promise<void> | null = null;
      const leave = () => {
        left ??= (async () => {
          await engine.stop("end");
          await running;
          await store.runtimes.remove(runtimeId);
          await store.close();
        })();
        return left;
      };
      onTestFinished(leave);
      return { leave };
    },
  };
}
