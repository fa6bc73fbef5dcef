import { join } from "node:path";
import { type ContextLayer, type FlowAttempt, type ProcessMark, promptOf } from "@agent-control-plane/core";
import { backendNamed } from "../backends/index.ts";
import { launchAgent } from "../launch-agent.ts";
import { sessionFiles } from "../session/index.ts";
import { passedFor, settingsFor } from "./agent-terms.ts";
import type { AgentWorkersOptions } from "./agent-workers.ts";
import { placeOf, variablesOf } from "./attempt-environment.ts";
import { attemptFiles, folderOf } from "./attempt-files.ts";
import { budgetOfAttempt } from "./budget-of-attempt.ts";
import { makeResultFolder } from "./result-place.ts";

/** As the engine's own leases, with room for a machine that stands still for a while. */
const leaseMs = 30_000;
const heartbeatMs = 5_000;

/** Starts the wrapper of an agent's attempt. Throws `UserError` for what a person has to mend first. */
export async function launchAttempt(
  options: AgentWorkersOptions,
  attempt: FlowAttempt,
  context: Readonly<Record<ContextLayer, string>>,
): Promise<ProcessMark> {
  const { flow, task, session, judgedFolder } = attempt;
  const profile = options.profileOf(flow.plan.profile);
  const { model, settings } = settingsFor(profile, session);
  const budget = await budgetOfAttempt(options, flow, profile);
  const cwd = folderOf(attempt);
  const resultFolder = makeResultFolder({ cwd, sessionId: session.id, runDir: session.runDir });
  const resultFile = join(resultFolder, "result.json");
  const { pass, set } = passedFor(profile, task.spec, session, options.env);
  const { limits } = profile.execution;
  const { timeoutMs } = task.spec;
  return launchAgent({
    ...{ profile, session, model, settings, cwd, budget, resultFolder, resumed: null },
    backend: backendNamed(session.backend, options.backends),
    prompt: promptOf({ context, task, judgedFolder, contextFolder: attemptFiles.context(session.runDir), resultFile }),
    stateDir: sessionFiles.home(session.runDir),
    // A task that may run for an hour may also be still for an hour when its profile lets it.
    limits: { ...limits, wallClockMs: timeoutMs, startupMs: Math.min(limits.startupMs, timeoutMs) },
    environment: {
      ...{ host: options.env, secrets: options.secrets, pass, backend: set },
      ...{ resultFile, place: variablesOf(placeOf(attempt)) },
    },
    secretNames: [...task.spec.env.pass, ...Object.keys(task.spec.env.set)],
    wrapper: { ...options.wrapper, leaseMs, heartbeatMs },
  });
}
