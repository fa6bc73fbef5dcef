import type { Clock } from "@agent-control-plane/core";
import type { Context } from "hono";
import type { LiveState } from "../live/live-state.ts";
import { buildSnapshot } from "../snapshot/build-snapshot.ts";
import { notStored } from "./answers.ts";
import type { Details } from "./details.ts";

/** `/api/snapshot.json`: everything at once, for readers of the reference's dashboard. */
export async function sendSnapshot(c: Context, live: LiveState, details: Details, clock: Clock): Promise<Response> {
  const { documents } = await live.current();
  return c.json(buildSnapshot(documents, await details.snapshotFacts(documents), clock.now()), 200, notStored);
}
