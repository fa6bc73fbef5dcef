import { setTimeout as sleep } from "node:timers/promises";
import type { Millis, ProcessMark } from "@agent-control-plane/core";
import { type ListedProcess, listProcesses, lookUpProcess, pidsWithEnvironment } from "./process-list.ts";
import { isAlive, signalProcess } from "./process-mark.ts";

/**
 * What belongs to a session, and its end with a proof.
 *
 * A process belongs when it was recorded (pid and start time), when its environment carries the session's id, or when
 * it descends from one of these. Tools of agents put themselves in process groups and sessions of their own, so a
 * group kill alone never suffices. The honest weakness, without a pid namespace: a process that leaves its parent,
 * scrubs its environment and is never seen by the recorder in between is not found.
 */
export const sessionMarkName = "ACP_SESSION_ID";

export interface TreeEnd {
  /** Processes that had to be killed. */
  readonly killed: number;
  /** Processes alive after everything was tried; must be 0. */
  readonly survivors: number;
}

/** Every living process of the session, ourselves excepted. */
export function findMarked(sessionId: string, recorded: readonly ProcessMark[] = []): readonly ListedProcess[] {
  const all = listProcesses();
  const roots = new Set<number>(pidsWithEnvironment(sessionMarkName, sessionId));
  for (const mark of recorded) if (all.get(mark.pid)?.startedMark === mark.startedMark) roots.add(mark.pid);
  roots.delete(process.pid);
  return withDescendants(all, roots);
}

/** The processes of `roots` and all that descend from them now. */
export function withDescendants(
  all: ReadonlyMap<number, ListedProcess>,
  roots: ReadonlySet<number>,
): readonly ListedProcess[] {
  const children = groupByParent(all);
  const found = new Map<number, ListedProcess>();
  const open = [...roots];
  for (let pid = open.pop(); pid !== undefined; pid = open.pop()) {
    const listed = all.get(pid);
    if (!listed || found.has(pid)) continue;
    found.set(pid, listed);
    open.push(...(children.get(pid) ?? []));
  }
  return [...found.values()];
}

/**
 * Ends the session's processes: the stop signal to those of the main process's group, `graceMs` for the main process
 * to leave, then SIGKILL for all that is left until a look finds nothing (or `proofMs` are over).
 */
export async function endTree(request: {
  readonly sessionId: string;
  /** The program itself; null when it has ended. */
  readonly main: ProcessMark | null;
  readonly recorded: () => readonly ProcessMark[];
  /** Recorded processes that only hold the others (a namespace's holder and its init): not asked, only killed. */
  readonly holders?: readonly ProcessMark[];
  readonly stopSignal: NodeJS.Signals;
  readonly graceMs: Millis;
  readonly proofMs?: Millis;
}): Promise<TreeEnd> {
  const { main } = request;
  if (main && isAlive(main)) {
    askToEnd(main, request.stopSignal, request.holders ?? []);
    await until(() => !isAlive(main), request.graceMs);
  }
  return killAll(request.sessionId, request.recorded, request.proofMs ?? 8_000);
}

/** SIGKILL to everything of the session, again and again until a look finds nothing. */
export async function killAll(
  sessionId: string,
  recorded: () => readonly ProcessMark[],
  proofMs: Millis,
): Promise<TreeEnd> {
  const killed = new Set<string>();
  let left: readonly ListedProcess[] = [];
  await until(() => {
    left = findMarked(sessionId, [...recorded(), ...left]);
    for (const one of left) if (signalProcess(one, "SIGKILL")) killed.add(`${one.pid} ${one.startedMark}`);
    return left.length === 0;
  }, proofMs);
  return { killed: killed.size, survivors: left.length };
}

function askToEnd(main: ProcessMark, signal: NodeJS.Signals, holders: readonly ProcessMark[]): void {
  const groupId = lookUpProcess(main.pid)?.groupId;
  const held = new Set(holders.map((mark) => mark.pid));
  const own = lookUpProcess(process.pid)?.groupId;
  for (const one of listProcesses().values()) {
    const inGroup = one.groupId === groupId && groupId !== own;
    if ((inGroup || one.pid === main.pid) && !held.has(one.pid)) signalProcess(one, signal);
  }
}

function groupByParent(all: ReadonlyMap<number, ListedProcess>): ReadonlyMap<number, readonly number[]> {
  const children = new Map<number, number[]>();
  for (const { pid, parentPid } of all.values()) {
    const siblings = children.get(parentPid);
    if (siblings) siblings.push(pid);
    else children.set(parentPid, [pid]);
  }
  return children;
}

/** Looks every 25 ms; monotonic, so that a stepped clock cannot cut a grace period. */
async function until(isDone: () => boolean, limitMs: Millis): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!isDone() && performance.now() < deadline) await sleep(25);
}
