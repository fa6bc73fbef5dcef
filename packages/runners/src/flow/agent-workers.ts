import {
  type Clock,
  type Ending,
  type FlowAttempt,
  type FlowWorkers,
  type FollowedEnd,
  type HostLimits,
  type HostResources,
  type Instant,
  LaunchRefused,
  type Log,
  type ProcessMark,
  type Profile,
  proveOver,
  type Session,
  type Store,
  UserError,
} from "@agent-control-plane/core";
import { type Backend, backends } from "../backends/index.ts";
import { readProgressAt } from "../session/index.ts";
import type { StartWrapper } from "../start-wrapper.ts";
import { AgentsHere } from "./agents-here.ts";
import { assessAgent } from "./assess-agent.ts";
import { commandEnvironment } from "./attempt-environment.ts";
import { launchAttempt } from "./launch-attempt.ts";
import { prepareAttempt } from "./prepare-attempt.ts";
import { watchWrapper } from "./watch-wrapper.ts";

export interface AgentWorkersOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly store: Pick<Store, "flows" | "quotas" | "tasks" | "spend">;
  readonly runtimeId: string;
  /** The runtime's environment; agents get an allowlist of it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Values that must not reach an agent under any name. */
  readonly secrets: readonly string[];
  readonly wrapper: Pick<StartWrapper, "storePath" | "entry">;
  /** Null: of a plan that names none. Throws `UserError` for one that is missing or broken. */
  readonly profileOf: (id: string | null) => Profile;
  readonly hostLimits: () => HostLimits;
  readonly resources: () => HostResources;
  /** Instead of those there are: for tests that bring one of their own. */
  readonly backends?: readonly Backend[];
}

/**
 * Runs the tasks of flows whose worker is an agent: a session of a backend, under the wrapper that the sessions of lanes
 * have. The wrapper goes on without us, and keeps the task's lease while it does.
 */
export function createAgentWorkers(options: AgentWorkersOptions): FlowWorkers {
  const { clock, log, store, runtimeId, env } = options;
  const here = new AgentsHere(options);
  const running = new Map<string, Session>();
  const calendar = { store, runtimeId, log, clock, runner: { progressAt: readProgressAt } };
  return {
    refuses: (worker) =>
      (options.backends ?? backends).some(({ name }) => name === worker) ? null : `there is no backend "${worker}"`,
    takes: (task, flow) => here.takes(task, flow),
    async look() {
      if (running.size > 0) await proveOver(calendar, [...running.values()]);
      await here.look();
    },
    holdsOwnLease: () => true,
    async run(attempt, context, stop) {
      const startedAt = clock.now();
      try {
        prepareAttempt(attempt, context);
        return await until(attempt, await launchAttempt(options, attempt, context), stop, startedAt);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        const failureReason = error instanceof LaunchRefused ? error.failureReason : "launch-failed";
        return { ...noEnding(startedAt), exitReason: "failed", failureReason, summary: error.message };
      }
    },
    follow: (attempt, stop) => until(attempt, null, stop, attempt.session.startedAt ?? attempt.session.intendedAt),
    async assess(attempt, ending) {
      const outcome = await assessAgent(attempt, ending, { env: commandEnvironment(attempt, env), calendar });
      here.forget();
      return outcome;
    },
    sweep() {},
  };

  async function until(
    { session, flow }: FlowAttempt,
    started: ProcessMark | null,
    stop: AbortSignal,
    startedAt: Instant,
  ): Promise<FollowedEnd> {
    running.set(session.id, { ...session, state: "running", startedAt });
    try {
      const { graceMs } = graceOf(flow.plan.profile);
      const end = await watchWrapper({ session, started, stop, graceMs });
      if (end !== "stopped") return end;
      return { ...noEnding(startedAt), exitReason: "stopped", summary: "stopped before it said anything" };
    } finally {
      running.delete(session.id);
    }
  }

  function graceOf(profileId: string | null): { readonly graceMs: number } {
    try {
      return options.profileOf(profileId).execution.limits;
    } catch {
      return { graceMs: 10_000 };
    }
  }

  function noEnding(startedAt: Instant): Ending {
    return {
      ...{ exitReason: "lost", failureReason: null, exitCode: null, signal: null, startedAt, endedAt: clock.now() },
      ...{ nativeSessionId: null, usage: {}, retryAt: null, summary: "", processes: { killed: 0, survivors: 0 } },
    };
  }
}
