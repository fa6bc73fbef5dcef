import { type Flow, formatMessage, type Store, systemClock } from "@agent-control-plane/core";
import type * as api from "@agent-control-plane/core/flows-api";
import { looking } from "../../store/with-store.ts";
import { findFlow } from "./find-flow.ts";
import { FlowError } from "./flow-error.ts";
import { placeOf } from "./place-of.ts";

const lookMs = 200;
const mostAtOnce = 1_000;

export const waitForFlow: typeof api.waitForFlow = async (given, { timeoutMs, signal, ...at } = {}) => {
  const until = timeoutMs === undefined ? null : systemClock.now() + timeoutMs;
  return looking(
    placeOf(at),
    async (found) => {
      const { id } = await findFlow(found, given);
      const store = found as Store;
      for (;;) {
        const flow = await store.flows.get(id);
        if (flow === null) throw gone(id);
        if (isOver(flow)) return flow;
        leaveIf(signal, id);
        const left = until === null ? lookMs : Math.min(lookMs, until - systemClock.now());
        if (left <= 0) {
          throw new FlowError(
            "not-over",
            `Flow ${id} is still ${flow.state} after ${(timeoutMs ?? 0) / 1000} s. It goes on.`,
          );
        }
        await systemClock.sleep(left, signal);
      }
    },
    { isOneLook: false },
  );
};

export const watchFlow: typeof api.watchFlow = async function* (given, { afterSeq = 0, signal, ...at } = {}) {
  // Each look by itself: a reader that stays open keeps the log of the database from being cut.
  let seq = afterSeq;
  let id = given;
  for (;;) {
    const { flow, messages } = await looking(placeOf(at), async (store) => {
      const found = await findFlow(store, id);
      return { flow: found, messages: await (store as Store).flows.messages(found.id, seq, mostAtOnce) };
    });
    id = flow.id;
    for (const message of messages) yield JSON.parse(formatMessage(id, message)) as api.FlowMessageLine;
    seq = messages.at(-1)?.seq ?? seq;
    if (isOver(flow) && messages.length === 0) return;
    leaveIf(signal, id);
    if (messages.length < mostAtOnce) await systemClock.sleep(lookMs, signal);
  }
};

const isOver = (flow: Flow): flow is Flow & { readonly finishedAt: number } => flow.finishedAt !== null;

const gone = (id: string) => new FlowError("unknown-flow", `Flow ${id} was removed meanwhile.`, { exitCode: 66 });

function leaveIf(signal: AbortSignal | undefined, id: string): void {
  if (signal?.aborted) throw new FlowError("left", `Nobody waits for flow ${id} any more. It goes on.`);
}
