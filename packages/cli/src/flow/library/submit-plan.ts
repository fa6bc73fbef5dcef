import { randomBytes } from "node:crypto";
import { closeSync, mkdirSync, openSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type FlowPlan, openStore, storePath, systemClock } from "@agent-control-plane/core";
import { parsePlan } from "@agent-control-plane/core/flow";
import type * as api from "@agent-control-plane/core/flows-api";
import { workersFor } from "../known-workers.ts";
import { startWorking } from "../start-working.ts";
import { badPlan } from "./flow-error.ts";
import { placeOf } from "./place-of.ts";

export const checkPlan: typeof api.checkPlan = async (given, { cwd = process.cwd(), file = "plan" } = {}) => {
  const text = typeof given === "string" ? given : JSON.stringify(given);
  const options = { file, cwd, now: systemClock.now() };
  const parsed = await parsePlan(text, options);
  if ("problems" in parsed) throw badPlan("The plan has", parsed.problems);
  const workers = await workersFor(parsed.plan.tasks);
  if (workers === null) return parsed.plan;
  const again = await parsePlan(text, { ...options, workers });
  if ("problems" in again) throw badPlan("The plan has", again.problems);
  return again.plan;
};

export const submitFlow: typeof api.submitFlow = async (given, options = {}) =>
  storePlan(await checkPlan(given, options), options);

/** Stores a plan that was checked, with its folder, and sees that somebody works it. */
export async function storePlan(
  plan: FlowPlan,
  { start, ...at }: api.FlowsAt & { readonly start?: boolean },
): Promise<api.SubmittedFlow> {
  const { home, env, by } = placeOf(at);
  const id = newFlowId(systemClock.now());
  const folder = join(home, "flows", id);
  const store = await openStore({ path: storePath(home) });
  try {
    await withFolder(folder, plan, () => store.flows.submit(plan, { id, folder, submittedBy: by }));
    const started = start === false ? null : await startWorking(store, { home, env });
    return { flow: id, name: plan.name, tasks: plan.tasks.length, folder, started };
  } finally {
    await store.close();
  }
}

/** Its folder is there before the flow is, and goes again when the flow could not be stored, as on a full disk. */
async function withFolder(folder: string, plan: FlowPlan, store: () => Promise<unknown>): Promise<void> {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, "plan.json"), `${JSON.stringify(plan, null, 1)}\n`, { mode: 0o600 });
    closeSync(openSync(join(folder, "inbox.jsonl"), "a", 0o600));
    await store();
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Sorts by time; the rest is chance. */
const newFlowId = (now: number): string => `f${now.toString(36)}${randomBytes(3).toString("hex")}`;
