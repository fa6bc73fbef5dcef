import type { Clock, Instant } from "@agent-control-plane/core";
import { isProgress, type SessionEvent } from "../backends/backend.ts";
import { decideLimit, type ProviderWait } from "./decide-limit.ts";
import type { StopReason } from "./hold-lease.ts";
import type { ProcessRecorder } from "./record-processes.ts";
import type { SessionSpec } from "./session-spec.ts";
import { worktreeChangedSince } from "./worktree-changed.ts";

/**
 * Processor time that counts as work: an idle event loop stays far below a twentieth of a core. Looked at over some
 * seconds: a program that waits tidies up now and then (openclaw: a tenth of a second every minute), and that is none.
 */
const workingShare = 0.05;
const workWindowMs = 10_000;

export interface LimitWatch {
  /** The program printed something. */
  sawLife(): void;
  /** The work went on. */
  sawProgress(): void;
  /** The program's stream says something. */
  sawEvent(event: SessionEvent): void;
  close(): void;
}

/** Looks at a running program about once a second and asks for its stop when one of its limits is used up. */
export function watchLimits(watched: {
  readonly spec: SessionSpec;
  readonly clock: Clock;
  readonly startedAt: Instant;
  readonly recorder: ProcessRecorder;
  /** False for programs that announce their start: for them only output is a sign of life. */
  readonly workIsLife: boolean;
  readonly requestStop: (reason: StopReason) => void;
}): LimitWatch {
  const { spec, clock, startedAt, recorder } = watched;
  const { limits } = spec;
  let firstSignAt: Instant | null = null;
  let lastProgressAt = startedAt;
  let cpu = { at: startedAt, ms: 0 };
  const windowMs = Math.min(workWindowMs, limits.stallMs / 4, limits.startupMs / 4);
  const liveTools = new Map<string, Instant>();
  let waiting: (ProviderWait & { readonly detail: string }) | null = null;

  function sawWork(): void {
    const now = clock.now();
    if (watched.workIsLife) firstSignAt ??= now;
    lastProgressAt = now;
  }
  function lookAtProcessor(): void {
    const now = clock.now();
    const ms = recorder.look();
    const isWork = ms - cpu.ms > windowMs * workingShare;
    if (isWork) sawWork();
    if (isWork || now - cpu.at >= windowMs) cpu = { at: now, ms };
  }
  function look(): void {
    lookAtProcessor();
    const state = {
      now: clock.now(),
      startedAt,
      firstSignAt,
      lastProgressAt,
      liveTools: [...liveTools.values()],
      waiting,
      limits,
    };
    let reached = decideLimit(state);
    if (reached?.exitReason === "stalled" && worktreeChangedSince(spec.cwd, lastProgressAt)) {
      sawWork();
      reached = decideLimit({ ...state, firstSignAt, lastProgressAt });
    }
    if (!reached) return;
    const isWait = reached.exitReason === "failed" && waiting !== null;
    const summary = isWait ? `its provider refused, and it waited: ${waiting?.detail}` : null;
    watched.requestStop({ ...reached, summary: summary ?? summaryOf(reached.failureReason, spec) });
  }
  function sawProgress(): void {
    const now = clock.now();
    firstSignAt ??= now;
    lastProgressAt = now;
  }
  const timer = setInterval(look, rhythm(spec));
  return {
    sawLife: () => {
      firstSignAt ??= clock.now();
    },
    sawProgress,
    sawEvent: (event) => {
      if (event.kind === "tool-start") liveTools.set(event.id, clock.now());
      if (event.kind === "tool-end") liveTools.delete(event.id);
      if (event.kind === "result") liveTools.clear();
      if (event.kind === "provider-wait") waiting = { ...event, since: waiting?.since ?? clock.now() };
      if (!isProgress(event)) return;
      waiting = null;
      sawProgress();
    },
    close: () => clearInterval(timer),
  };
}

/** Twice a second: in a tree without a namespace, this is also how short-lived parents are seen in time. */
function rhythm({ limits }: SessionSpec): number {
  return Math.max(50, Math.min(500, limits.stallMs / 4, limits.startupMs / 4, limits.wallClockMs / 4));
}

function summaryOf(failureReason: string, { limits }: SessionSpec): string {
  if (failureReason === "timeout") return `over its wall clock of ${limits.wallClockMs} ms`;
  if (failureReason === "no-agent-output-before-stall-threshold") {
    return `no sign of life within ${limits.startupMs} ms`;
  }
  return `no sign of progress for ${limits.stallMs} ms`;
}
