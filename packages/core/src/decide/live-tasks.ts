import { isLane } from "../domain/lane.ts";
import { isLive, type Task } from "../domain/task.ts";

/** The live tasks of each item. Tasks of other lanes in this queue are their own makers' business. */
export function liveBySubject(tasks: readonly Task[]): ReadonlyMap<string, readonly Task[]> {
  const live = new Map<string, Task[]>();
  for (const task of tasks) {
    if (!isLane(task.lane) || !isLive(task)) continue;
    const others = live.get(task.subject);
    if (others) others.push(task);
    else live.set(task.subject, [task]);
  }
  return live;
}
