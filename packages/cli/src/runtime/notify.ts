import { execFile } from "node:child_process";
import type { CliContext } from "../context.ts";
import type { FirstTicks } from "./first-ticks.ts";
import type { RuntimeProgress } from "./run-daemon.ts";

/** What the daemon, or the dashboard, tells systemd about itself; all of it does nothing where systemd did not start it. */
export interface Notices {
  /** The first tick of every profile is over. */
  ready(ticks: FirstTicks): void;
  /** The dashboard can be looked at, at this address. */
  serving(url: string): void;
  /** The loop has made a pass. This alone keeps the watchdog quiet. */
  progress(state: RuntimeProgress): void;
  /** It ends, and may take this long to let sessions end. */
  stopping(drainMs: number): void;
  /** It could not go on. Resolves when systemd knows. */
  failed(error: unknown): Promise<void>;
}

/** systemd shows one line. */
const longest = 200;

/** What may follow a drain: sessions that are asked to end, and what they leave to be concluded. */
const afterDrainMs = 75_000;

/**
 * By the program `systemd-notify`, since Node has no datagram sockets of the file system (docs/decisions/0023). One
 * message at a time, in order; of watchdog messages only what the time it gave us asks for, a third of it apart.
 */
export function createNotices({ env, clock, output }: Pick<CliContext, "env" | "clock" | "output">): Notices {
  const socket = env.NOTIFY_SOCKET;
  if (!socket) return { ready() {}, serving() {}, progress() {}, stopping() {}, failed: async () => {} };
  const everyMs = watchdogMs(env) / 3;
  let last = Promise.resolve();
  let pingedAt = 0;
  let isReady = false;
  let isStopping = false;
  let hasComplained = false;
  const send = (...lines: readonly string[]): Promise<void> => {
    last = last.then(async () => {
      const problem = await notify(lines, { PATH: env.PATH, NOTIFY_SOCKET: socket });
      if (problem === null || hasComplained) return;
      hasComplained = true;
      output.note(`systemd was not told how it stands: ${problem}`);
    });
    return last;
  };
  return {
    ready(ticks) {
      isReady = true;
      pingedAt = clock.now();
      void send("READY=1", `STATUS=${statusOf(ticks)}`);
    },
    serving: (url) => void send("READY=1", `STATUS=serves ${url}`),
    progress({ profiles }) {
      const isDue = Math.abs(clock.now() - pingedAt) >= everyMs;
      if (!isReady || isStopping || !isDue) return;
      pingedAt = clock.now();
      void send("WATCHDOG=1", `STATUS=working ${profiles === 1 ? "1 profile" : `${profiles} profiles`}`);
    },
    stopping(drainMs) {
      if (isStopping) return;
      isStopping = true;
      const withinMs = drainMs + afterDrainMs;
      void send("STOPPING=1", "STATUS=letting sessions end", `EXTEND_TIMEOUT_USEC=${withinMs * 1000}`);
    },
    failed: (error) => send(`STATUS=${oneLine(error instanceof Error ? error.message : String(error))}`),
  };
}

/** Infinity: it watches nothing, or another process. */
function watchdogMs({ WATCHDOG_USEC, WATCHDOG_PID }: NodeJS.ProcessEnv): number {
  const given = Number(WATCHDOG_USEC);
  const isOurs = WATCHDOG_PID === undefined || Number(WATCHDOG_PID) === process.pid;
  return given > 0 && isOurs ? given / 1000 : Number.POSITIVE_INFINITY;
}

function statusOf(ticks: FirstTicks): string {
  const problems = Object.entries(ticks).flatMap(([id, { error, forgeDetail }]) => {
    const problem = error ?? forgeDetail;
    return problem ? [`${id}: ${problem}`] : [];
  });
  return oneLine(problems.length > 0 ? problems.join("; ") : `working ${Object.keys(ticks).join(", ")}`);
}

const oneLine = (text: string): string => text.replace(/\s+/g, " ").slice(0, longest);

function notify(lines: readonly string[], env: NodeJS.ProcessEnv): Promise<string | null> {
  return new Promise((resolve) => {
    execFile("systemd-notify", lines, { env, timeout: 10_000, killSignal: "SIGKILL" }, (error, _stdout, stderr) =>
      resolve(error === null ? null : stderr.trim() || error.message),
    );
  });
}
