import { lanes, type Task } from "@agent-control-plane/core";
import type { ProfileDocument, ShownPull, ShownRetry, ShownSchedule } from "@agent-control-plane/dashboard";
import type { ProfileRows } from "../runtime/status-in-store.ts";

/** Pure. What runs and waits in each lane, in their order. */
export function lanesOf(tasks: readonly Task[]): ProfileDocument["lanes"] {
  const others = [...new Set(tasks.map(({ lane }) => lane))].filter(
    (lane) => !(lanes as readonly string[]).includes(lane),
  );
  return [...lanes, ...others.sort()].flatMap((lane) => {
    const own = tasks.filter((task) => task.lane === lane);
    const running = own.filter(({ state }) => state === "running").length;
    const waiting = own.filter(({ state }) => state === "queued" || state === "scheduled").length;
    return running + waiting > 0 ? [{ lane, running, waiting }] : [];
  });
}

/** Pure. Open pull requests of ours, by number. */
export const pullsOf = (decisions: ProfileRows["decisions"]): readonly ShownPull[] =>
  decisions.flatMap(({ subject, about, reason, detail }) => {
    const number = Number(/^pr:(\d+)$/.exec(subject)?.[1] ?? Number.NaN);
    if (!about?.pull || Number.isNaN(number)) return [];
    return [{ number, url: about.url, ...about.pull, reason, detail }];
  });

/** Pure. The soonest first. */
export const scheduleOf = (decisions: ProfileRows["decisions"]): readonly ShownSchedule[] =>
  decisions
    .flatMap(({ subject, about }) => (about?.schedule ? [{ subject, ...about.schedule }] : []))
    .sort((a, b) => a.dueAt - b.dueAt);

/** Pure. What failed and is tried again, the soonest first. */
export const retriesAmong = (tasks: readonly Task[]): readonly ShownRetry[] =>
  tasks
    .filter(({ state, attempts }) => state === "scheduled" && attempts > 0)
    .map(({ subject, lane, attempts, maxAttempts, runAt, reason }) => ({
      ...{ subject, lane, attempts, maxAttempts, runAt, reason },
    }))
    .sort((a, b) => a.runAt - b.runAt);
