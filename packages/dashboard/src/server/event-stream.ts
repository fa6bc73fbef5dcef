import type { Context } from "hono";
import { type SSEStreamingApi, streamSSE } from "hono/streaming";
import type { Frame } from "../live/change-log.ts";
import type { LiveState } from "../live/live-state.ts";
import { notStored } from "./answers.ts";
import { stateBody } from "./state-body.ts";

/** A reader that takes nothing for so long a queue is cut off: it comes back, and goes on with `Last-Event-ID`. */
const mostWaiting = 200;
/** Proxies and sleeping laptops cut silent connections; a browser notices a dead one by what does not come. */
const pulseMs = 15_000;

/**
 * `/api/v1/events`: one `state` with everything, then a `change` for each frame. Who comes back with `Last-Event-ID` is told
 * what was missed, or everything when that is not known any more. It ends with the login by which it was opened.
 */
export function eventStream(c: Context, live: LiveState, mayLook: () => boolean): Response {
  // Nothing would be sent of a stream that nobody ends.
  if (c.req.method === "HEAD") return c.body(null, 200, { ...notStored, "content-type": "text/event-stream" });
  const lastId = c.req.header("last-event-id") ?? c.req.query("after") ?? null;
  return streamSSE(c, async (stream) => {
    const queue = new FrameQueue();
    const { missed, state, stop } = await live.follow(lastId, (frame) => queue.add(frame));
    stream.onAbort(() => {
      stop();
      queue.end();
    });
    try {
      if (missed === null) await stream.writeSSE({ id: state.id, event: "state", data: stateBody(state) });
      for (const frame of missed ?? []) await writeFrame(stream, frame);
      await pass(stream, queue, mayLook);
    } finally {
      stop();
    }
  });
}

async function pass(stream: SSEStreamingApi, queue: FrameQueue, mayLook: () => boolean): Promise<void> {
  for (;;) {
    const frame = await queue.next();
    if (frame === "over" || !mayLook()) return;
    if (frame === "nothing") await stream.write(": still here\n\n");
    else await writeFrame(stream, frame);
  }
}

const writeFrame = (stream: SSEStreamingApi, { id, changes }: Frame): Promise<void> =>
  stream.writeSSE({ id, event: "change", data: JSON.stringify(changes) });

/** Between the feed, which waits for nobody, and a connection. */
class FrameQueue {
  readonly #frames: Frame[] = [];
  #isOver = false;
  #wake: () => void = () => {};

  add(frame: Frame): void {
    if (this.#frames.length >= mostWaiting) this.#isOver = true;
    else this.#frames.push(frame);
    this.#wake();
  }

  end(): void {
    this.#isOver = true;
    this.#wake();
  }

  async next(): Promise<Frame | "nothing" | "over"> {
    const isPulse = this.#frames.length === 0 && !this.#isOver && (await this.#wait());
    if (this.#isOver) return "over";
    return (isPulse ? undefined : this.#frames.shift()) ?? "nothing";
  }

  /** True: nothing came in time. */
  #wait(): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(true), pulseMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve(false);
      };
    });
  }
}
