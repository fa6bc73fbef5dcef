import { changeOf, type Flow, type FlowAnswer, type OpenStore, parseChange } from "@agent-control-plane/core";
import { parseTasks, readValue } from "@agent-control-plane/core/flow";
import type * as api from "@agent-control-plane/core/flows-api";
import { looking, withStore } from "../../store/with-store.ts";
import { agentNames } from "../known-workers.ts";
import { startWorking } from "../start-working.ts";
import { findFlow, findTask } from "./find-flow.ts";
import { applied, badPlan, FlowError } from "./flow-error.ts";
import { type Place, placeOf } from "./place-of.ts";

type Act = (store: OpenStore, flow: Flow, by: string) => Promise<FlowAnswer>;

export const pauseFlow: typeof api.pauseFlow = (given, at) =>
  onFlow(given, { ...at, start: false }, (store, { id }, by) => store.flows.pause(id, by));

export const resumeFlow: typeof api.resumeFlow = (given, at) =>
  onFlow(given, at, (store, { id }, by) => store.flows.resume(id, by));

export const cancelFlow: typeof api.cancelFlow = (given, { drain = false, ...at } = {}) =>
  onFlow(given, at, (store, { id }, by) => store.flows.stop(id, drain ? "drain" : "now", by));

export const cancelTask: typeof api.cancelTask = (given, taskId, at) =>
  onFlow(given, at, async (store, flow, by) => {
    await findTask(store, flow, taskId);
    return store.flows.cancelTask(flow.id, taskId, by);
  });

export const retryTask: typeof api.retryTask = (given, taskId, at) =>
  onFlow(given, at, async (store, flow, by) => {
    await findTask(store, flow, taskId);
    return store.flows.retryTask(flow.id, taskId, by);
  });

export const addTasks: typeof api.addTasks = (given, tasks, at) =>
  onFlow(given, at, async (store, flow, by) => {
    const workers = await agentNames();
    const made = await parseTasks(textOf(tasks), "tasks", { plan: flow.plan, workers });
    if ("problems" in made) throw badPlan("The tasks have", made.problems);
    return store.flows.add(flow.id, made.tasks, by);
  });

export const updateTask: typeof api.updateTask = (given, taskId, change, at) =>
  onFlow(given, { ...at, start: false }, async (store, flow, by) => {
    const read = await readValue(textOf(change), "change");
    if ("problems" in read) throw badPlan("The change has", read.problems);
    const task = await findTask(store, flow, taskId);
    const made = parseChange(read.read.value, task.spec, { plan: flow.plan, workers: await agentNames() });
    if ("problems" in made) throw new FlowError("bad-plan", made.problems.join("\n"), { exitCode: 2 });
    return store.flows.update(flow.id, taskId, changeOf(made.spec), by);
  });

export const decide: typeof api.decide = async (ref, answer, { comment, ...at } = {}) => {
  const place = placeOf(at);
  const decision = await looking(place, async (store) => (await store?.flows.decisions({ ref }))?.at(0) ?? null);
  if (decision === null) throw await noDecision(place, ref);
  return onFlow(decision.flowId, at, (store, _, by) =>
    store.flows.decide({ flowId: null, ref, answer, by, comment: comment ?? null }),
  );
};

async function noDecision(place: Place, ref: string): Promise<FlowError> {
  const open = await looking(place, async (store) => (await store?.flows.decisions({ open: true })) ?? []);
  const named = open.slice(0, 5).map((each) => `${each.ref} (${each.flowId}, ${each.taskId})`);
  const there =
    open.length === 0 ? "No question is open." : `Open: ${named.join(", ")}${open.length > 5 ? ", ..." : ""}.`;
  return new FlowError("unknown-decision", `There is no decision ${ref}. ${there}`, { exitCode: 66 });
}

/** Looked for first, so that a slip of the pen makes no store. */
async function onFlow(given: string, { start, ...at }: api.ActOptions = {}, act: Act): Promise<Flow> {
  const place = placeOf(at);
  const flow = await looking(place, (store) => findFlow(store, given));
  return withStore(place.home, async (store) => {
    applied(await act(store, flow, place.by));
    const after = await findFlow(store, flow.id);
    if (start !== false && after.state === "running") await startWorking(store, place);
    return after;
  });
}

const textOf = (given: api.PlanGiven): string => (typeof given === "string" ? given : JSON.stringify(given));
