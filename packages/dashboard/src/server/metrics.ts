import type { Context } from "hono";
import type { LiveState } from "../live/live-state.ts";
import { notStored } from "./answers.ts";

/** `/metrics`, in the text that Prometheus reads. What writes it is loaded with the first look. */
export async function sendMetrics(c: Context, live: LiveState): Promise<Response> {
  const { metricsText } = await import("../metrics/metrics-text.ts");
  const { contentType, text } = await metricsText((await live.current()).documents);
  return c.body(text, 200, { ...notStored, "content-type": contentType });
}
