import type { Flow, FlowCallbackNote } from "../../domain/flow.ts";
import type { Instant, Millis } from "../../domain/time.ts";
import type { Keeper, KeeperTools } from "./keep-flow.ts";

/** What came of one try. `isOver`: it was told, or no other try would come to anything else. */
export interface CallbackAnswer {
  readonly isOver: boolean;
  /** For people; no secrets. */
  readonly answer: string;
}

/**
 * Tells whoever the plan names that the flow is over, once. The same delivery may be tried again, also by another runtime
 * while this one's try still goes on. Never throws for what the other side does.
 */
export type CallBack = (
  flow: Flow,
  which: { readonly delivery: string; readonly tries: number },
  leaving: AbortSignal,
) => Promise<CallbackAnswer>;

/** Then it is given up, about a day after the first try. */
const mostTries = 32;
const firstPauseMs = 5_000;
const longestPauseMs = 60 * 60_000;

/** Makes the try that is due, if one is. */
export async function tellOwner(keeper: Keeper, flow: Flow, tools: KeeperTools): Promise<void> {
  const { flows, clock, callBack, leaving, log } = tools;
  const due = dueTry(flow, clock.now());
  if (due === null) return;
  keeper.isTelling = true;
  try {
    // Noted first: a runtime that dies of it every time does not try for ever.
    if ((await flows.noteCallback(keeper.lease, flow.id, due)) === "lost") return;
    const { isOver, answer } = await callBack(flow, due, leaving);
    // Who leaves knows nothing of what the other side made of it.
    if (leaving.aborted && !isOver) return;
    const note = { ...afterwards(due, isOver), answer };
    log.info("flow callback", { flow: flow.id, delivery: note.delivery, tries: note.tries, state: note.state, answer });
    await flows.noteCallback(keeper.lease, flow.id, note);
  } catch (error) {
    log.error("flow callback not noted", { flow: flow.id, error });
  } finally {
    keeper.isTelling = false;
  }
}

function dueTry({ id, finishedAt, callback }: Flow, now: Instant): FlowCallbackNote | null {
  if (callback?.nextAt != null) {
    const waitsMs = callback.nextAt - now;
    // Longer than any pause: the clock was put back.
    if (waitsMs > 0 && waitsMs <= longestPauseMs) return null;
  }
  const tries = (callback?.tries ?? 0) + 1;
  const delivery = `${id}-${finishedAt}`;
  return {
    ...{ delivery, state: "waiting", tries, answer: callback?.answer ?? null, triedAt: now },
    nextAt: now + pauseAfter(tries),
  };
}

function afterwards(tried: FlowCallbackNote, isOver: boolean): FlowCallbackNote {
  if (isOver) return { ...tried, state: "told", nextAt: null };
  return tried.tries >= mostTries ? { ...tried, state: "given-up", nextAt: null } : tried;
}

const pauseAfter = (tries: number): Millis => Math.min(longestPauseMs, firstPauseMs * 2 ** (tries - 1));
