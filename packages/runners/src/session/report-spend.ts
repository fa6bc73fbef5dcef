import type { Clock, SpendStore } from "@agent-control-plane/core";
import type { SpendMeter } from "./meter-spend.ts";
import type { SessionSpec } from "./session-spec.ts";

/** Between two reports: what a killed wrapper has counted in this time and not said is all that is lost. */
const pauseMs = 1_000;

/**
 * Tells the store what the session has spent whenever that has grown, until `over` is aborted: the running total, so
 * that a report that is lost is made good by the next one. A store that is away is asked again.
 */
export async function reportSpend(of: {
  readonly spend: Pick<SpendStore, "report">;
  readonly spec: Pick<SessionSpec, "sessionId" | "term" | "heartbeatMs">;
  readonly meter: SpendMeter;
  readonly clock: Clock;
  readonly over: AbortSignal;
}): Promise<void> {
  const { spend, spec, meter, clock, over } = of;
  let said = JSON.stringify(meter.total());
  while (!over.aborted) {
    const total = meter.total();
    const words = JSON.stringify(total);
    if (words !== said) {
      const within = meter.day();
      const report = { sessionId: spec.sessionId, term: spec.term, spend: total, within };
      const answer = await spend.report(report).catch(() => null);
      if (answer !== null) said = words;
      if (answer !== null && answer !== "lost") meter.counted(total.usage, answer, within, answer.ofFlow);
    }
    await clock.sleep(Math.min(pauseMs, spec.heartbeatMs), over);
  }
}
