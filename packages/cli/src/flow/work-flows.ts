import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { hostname } from "node:os";
import { openStore, storePath, systemClock, UserError } from "@agent-control-plane/core";
import { processMark } from "@agent-control-plane/runners";
import type { CliContext } from "../context.ts";
import { createLog } from "../logging.ts";
import { Notifier } from "../notifications/notifier.ts";
import { ToldInFiles } from "../notifications/told-in-files.ts";
import { runtimeLog } from "../runtime/runtime-log.ts";
import { packageVersion } from "../version.ts";
import { refuseToUpgradeUnderDaemon } from "../versions/upgrade-guard.ts";
import { openFlowEngine } from "./open-engine.ts";
import { tidyUp } from "./tidy-up.ts";

const reportMs = 10_000;
const tidyMs = 3_600_000;

/**
 * A runtime for flows alone, in this process: until a signal (USR2 leaves what runs to the next one), or until no flow
 * was under way for `idleMs`.
 */
export async function workFlows(context: CliContext, { idleMs }: { readonly idleMs: number | null }): Promise<void> {
  refuseToUpgradeUnderDaemon(context.home);
  const own = processMark(process.pid);
  if (!own) throw new UserError("This system does not tell when a process was started, and leases rest on that.");
  const runtimeId = `f-${hostname().split(".")[0]?.toLowerCase() ?? "host"}-${process.pid}-${randomBytes(3).toString("hex")}`;
  const log = createLog({ file: runtimeLog(context.home), fields: { runtime: runtimeId } });
  const store = await openStore({ path: storePath(context.home) });
  const engine = openFlowEngine({ home: context.home, env: context.env, store, clock: systemClock, log, runtimeId });
  const files = new ToldInFiles(context, log);
  const notifier = new Notifier({
    ...{ home: context.home, env: context.env, store, clock: systemClock, log, owner: runtimeId },
    told: () => files.told(),
  });
  const leaving = new AbortController();
  let mode: "end" | "keep" = "end";
  const leave = (how: typeof mode) => {
    mode = how;
    leaving.abort();
  };
  process.on("SIGTERM", () => leave("end"));
  process.on("SIGINT", () => leave("end"));
  process.on("SIGUSR2", () => leave("keep"));
  const startedAt = systemClock.now();
  const running = engine.run();
  notifier.run();
  let busyAt = startedAt;
  let reportedAt = 0;
  let tidiedAt = startedAt;
  const tidy = async (now: number) => {
    tidiedAt = now;
    await tidyUp(context.home, store, { actor: runtimeId, log, now });
  };
  const report = async (now: number) => {
    const row = { id: runtimeId, process: own, host: hostname(), version: packageVersion(), profileIds: [] };
    await store.runtimes.put({ ...row, startedAt, heartbeatAt: now, state: "ready", lastTick: {} });
    reportedAt = now;
  };
  try {
    while (!leaving.signal.aborted) {
      if (!existsSync(storePath(context.home))) {
        // Somebody removed the runtime home: there is nothing left to work, or to be asked to end by.
        log.error("store gone", { home: context.home });
        break;
      }
      const now = systemClock.now();
      try {
        if (now - reportedAt >= reportMs || now < reportedAt) await report(now);
        if (now - tidiedAt >= tidyMs || now < tidiedAt) await tidy(now);
        if (idleMs !== null) {
          const isAnyOpen = (await store.flows.list({ states: ["running", "paused"], limit: 1 })).length > 0;
          if (isAnyOpen || !engine.isIdle || now < busyAt) busyAt = now;
        }
      } catch (error) {
        // A full disk, or a lock that another process holds: nothing that an end of this one would mend.
        log.error("runtime not reported", { error });
        busyAt = now;
      }
      if (idleMs !== null && now - busyAt >= idleMs) {
        await tidy(now);
        break;
      }
      await systemClock.sleep(500, leaving.signal);
    }
  } finally {
    try {
      await engine.stop(mode);
      await running;
      await notifier.stop();
      await store.runtimes.remove(runtimeId);
    } finally {
      await store.close();
    }
  }
}
