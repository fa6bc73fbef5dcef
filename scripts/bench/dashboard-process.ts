import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { CliContext } from "../../packages/cli/src/context.ts";
import { StateSource } from "../../packages/cli/src/dashboard/state-source.ts";
import { systemClock } from "../../packages/core/src/index.ts";
import { startDashboard } from "../../packages/dashboard/src/index.ts";

const log = { debug() {}, info() {}, warn() {}, error: (...said: readonly unknown[]) => console.error(...said) };

/** What a dashboard's process takes: bytes, milliseconds of CPU since it began, and when that was asked. */
interface Taken {
  readonly rss: number;
  readonly cpuMs: number;
  readonly at: number;
}

/** Somebody who follows it: answers when the first message is there. */
interface Follower {
  /** Bytes that came so far. */
  readonly came: () => number;
  readonly stop: () => void;
}

export interface DashboardProcess {
  readonly url: string;
  readonly ask: () => Promise<Taken>;
  readonly follow: () => Promise<Follower>;
}

export function sourceOf(home: string, open?: ConstructorParameters<typeof StateSource>[1]): StateSource {
  return new StateSource({ home, clock: systemClock, env: {} } as unknown as CliContext, open);
}

/**
 * Runs `measure` beside a dashboard of this home in a process of its own: the bundle at `program` is started again with
 * `--serve`, where `servesDashboard` takes over. It is gone when `measure` ends, however that ends.
 */
export async function besideDashboard<T>(
  program: string,
  home: string,
  measure: (dashboard: DashboardProcess) => Promise<T>,
): Promise<T> {
  const child = fork(program, ["--serve", home], { stdio: "inherit" });
  try {
    const { url } = await answerOf<{ url: string }>(child);
    const ask = async (): Promise<Taken> => {
      child.send("how");
      return answerOf(child);
    };
    return await measure({ url, ask, follow: () => follow(url) });
  } finally {
    child.disconnect();
    await once(child, "exit");
  }
}

/** Whether this very process is to be the dashboard; then it is one from now on. */
export async function servesDashboard(): Promise<boolean> {
  const at = process.argv.indexOf("--serve");
  if (at < 0) return false;
  const home = process.argv[at + 1] ?? "";
  const source = sourceOf(home);
  const { url } = await startDashboard({
    ...{ source, details: source, clock: systemClock, log, page: home, host: "127.0.0.1", port: 0 },
    ...{ allowedHosts: [], token: null, login: null, acts: null },
  });
  process.on("message", () => {
    const { user, system } = process.cpuUsage();
    process.send?.({ rss: process.memoryUsage.rss(), cpuMs: (user + system) / 1_000, at: performance.now() });
  });
  process.on("disconnect", () => process.exit(0));
  process.send?.({ url });
  return true;
}

async function follow(url: string): Promise<Follower> {
  const control = new AbortController();
  const response = await fetch(`${url}/api/v1/events`, { signal: control.signal });
  const reader = response.body?.getReader();
  let came = 0;
  const take = async () => {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
    came += value?.length ?? 0;
    return !done;
  };
  await take();
  const drain = async () => {
    while (await take());
  };
  void drain().catch(() => {});
  return { came: () => came, stop: () => control.abort() };
}

async function answerOf<T>(child: ChildProcess): Promise<T> {
  return (await once(child, "message"))[0] as T;
}
