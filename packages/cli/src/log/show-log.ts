import { type Instant, UserError } from "@agent-control-plane/core";
import type { CliContext } from "../context.ts";
import { runtimeLog } from "../runtime/runtime-log.ts";
import { refuseUnknownProfile } from "../select-profile.ts";
import { followLog, type Level, type LogFilter, type LogLine, levels, readLog } from "./read-log.ts";

export interface LogOptions {
  readonly follow?: boolean;
  readonly level: string;
  readonly since?: string;
  readonly last: string;
  readonly profileId?: string;
  readonly json?: boolean;
}

/** The newest lines of the daemons' log that fit; with `follow` those to come as well, until Ctrl-C. */
export async function showLog(context: CliContext, options: LogOptions): Promise<void> {
  const { output, clock, home } = context;
  const path = runtimeLog(home);
  const filter: LogFilter = {
    level: levelOf(options.level),
    since: options.since === undefined ? null : instantOf(options.since, clock.now()),
    profileId: options.profileId ?? null,
  };
  const last = countOf(options.last);
  const print = (line: LogLine) => output.print(options.json ? line.text : inWords(line, output.style));
  // Before the rest is read: a line that comes meanwhile may come twice, and never not at all.
  const following = options.follow ? followLog(path, filter) : null;
  const newest: LogLine[] = [];
  for await (const line of readLog(path, filter)) {
    newest.push(line);
    if (newest.length > last) newest.shift();
  }
  newest.forEach(print);
  if (newest.length === 0) {
    refuseUnknownProfile(home, options.profileId);
    output.note(`nothing like that is in ${path}`);
  }
  while (following) {
    await clock.sleep(300);
    following().forEach(print);
  }
}

function levelOf(given: string): Level {
  if (levels.includes(given as Level)) return given as Level;
  throw new UserError(`--level is one of ${levels.join(", ")}, and not "${given}".`, { exitCode: 64 });
}

function countOf(given: string): number {
  if (/^[1-9]\d{0,6}$/.test(given)) return Number(given);
  throw new UserError(`--last is how many lines, such as 100, and not "${given}".`, { exitCode: 64 });
}

const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function instantOf(given: string, now: Instant): Instant {
  const [, count = "", unit = ""] = /^(\d{1,6})([smhd])$/.exec(given) ?? [];
  if (unit !== "") return now - Number(count) * (units[unit] ?? 0);
  const at = /^\d{4}-\d\d-\d\d/.test(given) ? Date.parse(given) : Number.NaN;
  if (!Number.isNaN(at)) return at;
  throw new UserError(
    `--since is a duration such as 30m, 2h or 3d, or a time such as 2026-05-01T08:00Z, and not "${given}".`,
    {
      exitCode: 64,
    },
  );
}

function inWords({ at, level, message, fields }: LogLine, style: CliContext["output"]["style"]): string {
  const colour = { debug: style.dim, info: style.cyan, warn: style.yellow, error: style.red }[level];
  const { runtime: _, error, ...rest } = fields;
  const said = error === undefined ? rest : { ...rest, error: (error as { message?: unknown })?.message ?? error };
  const pairs = Object.entries(said).map(
    ([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  return `${new Date(at).toISOString()}  ${colour(level.padEnd(5))}  ${message}${pairs.length > 0 ? `  ${style.dim(pairs.join(" "))}` : ""}`;
}
