import { join } from "node:path";
import {
  type FlowTask,
  flowQueueOf,
  formatMessage,
  outputFolder,
  readFlowStatus,
  type Store,
  systemClock,
} from "@agent-control-plane/core";
import type * as api from "@agent-control-plane/core/flows-api";
import { looking } from "../../store/with-store.ts";
import { workedBy } from "../worked-by.ts";
import { findFlow, findTask } from "./find-flow.ts";
import { FlowError } from "./flow-error.ts";
import { placeOf } from "./place-of.ts";

export const listFlows: typeof api.listFlows = async ({ all = false, limit, ...at } = {}) =>
  looking(placeOf(at), async (store) => {
    if (store === null) return [];
    const states = all ? {} : { states: ["running", "paused"] as const };
    const flows = await store.flows.list({ ...states, ...(limit === undefined ? {} : { limit }) });
    return Promise.all(flows.map(async (flow) => ({ ...flow, counts: await store.flows.counts(flow.id) })));
  });

export const flowStatus: typeof api.flowStatus = async (given, at) =>
  looking(placeOf(at), async (store) => {
    const { id } = await findFlow(store, given);
    const status = store && (await readFlowStatus(store, id, { ...(await workedBy(store)), now: systemClock.now() }));
    if (status) return status;
    throw new FlowError("unknown-flow", `Flow ${id} was removed meanwhile.`, { exitCode: 66 });
  });

export const flowResults: typeof api.flowResults = async (given, { task, ...at } = {}) =>
  looking(placeOf(at), async (found) => {
    const flow = await findFlow(found, given);
    const store = found as Store;
    const tasks = task === undefined ? await store.flows.tasks(flow.id) : [await findTask(store, flow, task)];
    return { flow: flow.id, state: flow.state, tasks: tasks.map(resultOf) };
  });

function resultOf({ id, state, reason, summary, result, spec, attemptFolder }: FlowTask): api.FlowResult {
  const names = attemptFolder === null || state !== "succeeded" ? [] : Object.keys(spec.outputs);
  const outputs = names.map((name) => [name, join(outputFolder(attemptFolder ?? ""), name)]);
  return { id, state, reason, summary, result, outputs: Object.fromEntries(outputs) };
}

export const exportFlow: typeof api.exportFlow = async (given, at) =>
  looking(placeOf(at), async (found) => {
    const flow = await findFlow(found, given);
    const store = found as Store;
    return {
      flow,
      tasks: await store.flows.tasks(flow.id),
      decisions: await store.flows.decisions({ flowId: flow.id }),
      attempts: await store.sessions.list({ profileId: flowQueueOf(flow.id) }),
      messages: (await store.flows.messages(flow.id, 0, Number.MAX_SAFE_INTEGER)).map(
        (message) => JSON.parse(formatMessage(flow.id, message)) as api.FlowMessageLine,
      ),
    };
  });
