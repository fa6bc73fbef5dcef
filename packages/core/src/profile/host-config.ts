import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { defaultHostLimits, type HostLimits } from "../domain/host.ts";
import { UserError } from "../errors.ts";
import type { BackendSection } from "./backend-section.ts";
import { hostNotificationRulesOf } from "./notification-rules.ts";
import { formatProblem, type ProfileProblem } from "./problem.ts";
import { count, section, wholeNumber } from "./schema-fields.ts";
import { hostNotificationsSection } from "./schema-notifications.ts";
import { schemaProblems } from "./schema-problems.ts";
import { readYaml } from "./yaml-source.ts";

/** Beside the profiles of this host, because it holds for all of them together. */
export const hostFile = (home: string) => join(home, "host.yaml");

/**
 * The limits of this host; the defaults when there is no host.yaml. Throws `UserError` listing every problem, one a
 * line, or naming why the file cannot be read.
 */
export function loadHostLimits(home: string, backends: readonly BackendSection[]): HostLimits {
  const file = hostFile(home);
  const text = readText(file);
  if (text === null) return defaultHostLimits;
  const parsed = parseHostLimits({ text, file, backends });
  if (parsed.ok) return parsed.limits;
  const number = parsed.problems.length === 1 ? "1 problem" : `${parsed.problems.length} problems`;
  throw new UserError(
    [`host.yaml has ${number}:`, ...parsed.problems.map((problem) => `  ${formatProblem(problem)}`)].join("\n"),
  );
}

export type ParsedHostLimits =
  | { readonly ok: true; readonly limits: HostLimits }
  | { readonly ok: false; readonly problems: readonly ProfileProblem[] };

export interface HostText {
  readonly text: string;
  /** Absolute path the text stands at, for messages. */
  readonly file: string;
  readonly backends: readonly BackendSection[];
}

/** Text to limits, all problems in file order. A file of comments alone is one of defaults. */
export function parseHostLimits({ text, file, backends }: HostText): ParsedHostLimits {
  const { source, problems: yamlProblems } = readYaml(file, text);
  if (source === null) return { ok: false, problems: yamlProblems };
  const value = source.value ?? {};
  if (typeof value !== "object" || Array.isArray(value)) return { ok: false, problems: [notASection(file)] };
  const hostSchema = hostSchemaOf(backends);
  const parsed = hostSchema.safeParse(value);
  const problems = [
    ...yamlProblems,
    ...schemaProblems(file, source, parsed.error?.issues ?? [], [], value, hostSchema),
  ].toSorted((a, b) => a.line - b.line || a.column - b.column);
  if (!parsed.success || problems.length > 0) return { ok: false, problems };
  return { ok: true, limits: toLimits(parsed.data) };
}

/** A name that is no backend would limit nothing without saying so: it is an unknown key. */
const providersOf = (backends: readonly BackendSection[]) =>
  Object.fromEntries(backends.map(({ name }) => [name, wholeNumber(1, 1000).unwrap().optional()]));

/** 0 switches a look at the host off; a number of sessions is at least 1, since 0 of them is what pausing is for. */
export const hostSchemaOf = (backends: readonly BackendSection[]) =>
  z.strictObject({
    max_workers: wholeNumber(defaultHostLimits.maxWorkers, 10_000),
    min_free_memory_mb: count(defaultHostLimits.minFreeMemoryMb, 1_000_000_000),
    min_free_disk_mb: count(defaultHostLimits.minFreeDiskMb, 1_000_000_000),
    max_load_per_cpu: z.number().nonnegative().max(1000).default(defaultHostLimits.maxLoadPerCpu),
    providers: section(providersOf(backends)),
    retention: section({
      ended_days: wholeNumber(defaultHostLimits.retention.endedDays, 36_500),
      decision_days: wholeNumber(defaultHostLimits.retention.decisionDays, 36_500),
      runs: section({
        days: wholeNumber(defaultHostLimits.retention.runs.days, 36_500),
        count: wholeNumber(defaultHostLimits.retention.runs.count, 10_000_000),
        size_mb: wholeNumber(defaultHostLimits.retention.runs.sizeMb, 1_000_000_000),
      }),
      logs: section({
        size_mb: wholeNumber(defaultHostLimits.retention.logs.sizeMb, 1_000_000),
        files: wholeNumber(defaultHostLimits.retention.logs.files, 1_000),
      }),
      rescue_days: wholeNumber(defaultHostLimits.retention.rescueDays, 36_500),
      totals_days: wholeNumber(defaultHostLimits.retention.totalsDays, 36_500),
      forge_cache_days: wholeNumber(defaultHostLimits.retention.forgeCacheDays, 36_500),
      flows: section({
        days: wholeNumber(defaultHostLimits.retention.flows.days, 36_500),
        count: wholeNumber(defaultHostLimits.retention.flows.count, 1_000_000),
      }),
      backups: section({
        days: wholeNumber(defaultHostLimits.retention.backups.days, 36_500),
        count: wholeNumber(defaultHostLimits.retention.backups.count, 1_000),
      }),
    }),
    notifications: hostNotificationsSection,
  });

const toLimits = (config: z.output<ReturnType<typeof hostSchemaOf>>): HostLimits => ({
  maxWorkers: config.max_workers,
  minFreeMemoryMb: config.min_free_memory_mb,
  minFreeDiskMb: config.min_free_disk_mb,
  maxLoadPerCpu: config.max_load_per_cpu,
  providers: Object.fromEntries(
    Object.entries(config.providers).flatMap(([name, most]) => (most === undefined ? [] : [[name, most]])),
  ),
  retention: {
    endedDays: config.retention.ended_days,
    decisionDays: config.retention.decision_days,
    runs: {
      days: config.retention.runs.days,
      count: config.retention.runs.count,
      sizeMb: config.retention.runs.size_mb,
    },
    logs: { sizeMb: config.retention.logs.size_mb, files: config.retention.logs.files },
    rescueDays: config.retention.rescue_days,
    totalsDays: config.retention.totals_days,
    forgeCacheDays: config.retention.forge_cache_days,
    flows: { days: config.retention.flows.days, count: config.retention.flows.count },
    backups: { days: config.retention.backups.days, count: config.retention.backups.count },
  },
  notifications: hostNotificationRulesOf(config.notifications),
});

const notASection = (file: string): ProfileProblem => ({
  file,
  line: 1,
  column: 1,
  path: "",
  message: "The file does not hold limits of a host.",
  fix: 'write lines such as "max_workers: 20", or remove the file.',
});

/** Null: there is none. */
function readText(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    const message = `The limits of this host cannot be read: ${(error as Error).message}. Correct ${file}, or remove it.`;
    throw new UserError(message, { cause: error });
  }
}
