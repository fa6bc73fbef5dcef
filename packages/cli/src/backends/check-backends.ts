import { tmpdir } from "node:os";
import { dirname } from "node:path";
import {
  type BackendSettings,
  listProfileIds,
  loadProfile,
  type Profile,
  type Provider,
} from "@agent-control-plane/core";
import { accountEnvironment, sessionEnvironment } from "@agent-control-plane/runners";
import {
  type Backend,
  type BackendHealthReport,
  backendNamed,
  backends,
  checkHealth,
} from "@agent-control-plane/runners/backends";
import type { CliContext } from "../context.ts";
import { table } from "../output.ts";
import { selectProfileId } from "../select-profile.ts";
import { usedProviders } from "./used-providers.ts";

export interface CheckBackendsOptions {
  readonly profileId?: string;
  readonly json?: boolean;
}

/** Each backend as a session of the profile would find it; without a profile, by its defaults. */
export async function checkBackends(
  context: CliContext,
  name: string | undefined,
  options: CheckBackendsOptions,
): Promise<void> {
  const profile = profileOf(context, options.profileId);
  const wanted = backendChecks(profile, name === undefined ? backends : [backendNamed(name)]);
  const reports = await reportsOf(context, profile, wanted, (backend, nth) => {
    if (!options.json && context.stderr.isTTY) context.output.note(`${backend} (${nth} of ${wanted.length}) ...`);
  });
  if (reports.some(({ ok, isUsed }) => !ok && (isUsed || name !== undefined))) context.exitWith(1);
  if (options.json) return context.output.json({ profileId: profile?.id ?? null, backends: reports });
  const { bold } = context.output.style;
  const heading = ["BACKEND", "STATE", "VERSION", "LOGIN", "MODEL"].map(bold);
  context.output.print(table([heading, ...reports.map(rowOf)]));
  for (const { problem, isUsed } of reports) {
    if (problem !== null && (isUsed || name !== undefined)) context.output.note(problem);
  }
  if (name === undefined && reports.some(({ ok, isUsed }) => !ok && !isUsed)) {
    context.output.note('"acp backends check <name>" says what one of them lacks.');
  }
}

/** Those that a profile has work for, and none of the others. */
export async function checkedBackends(context: CliContext, profileId: string): Promise<readonly CheckedBackend[]> {
  const profile = profileOf(context, profileId);
  return reportsOf(
    context,
    profile,
    backendChecks(profile, backends).filter(({ provider }) => provider !== null),
    () => {},
  );
}

/** One after the other: several of them take a core and half a gigabyte to say their version. */
async function reportsOf(
  context: CliContext,
  profile: Profile | null,
  wanted: readonly BackendCheck[],
  onNext: (backend: string, nth: number) => void,
): Promise<readonly CheckedBackend[]> {
  const reports: CheckedBackend[] = [];
  for (const check of wanted) {
    onNext(check.backend.name, reports.length + 1);
    const report = await healthOf(context, profile, check);
    reports.push({ ...report, pool: check.provider?.pool ?? null, isUsed: check.provider !== null });
  }
  return reports;
}

export type CheckedBackend = BackendHealthReport & { readonly pool: string | null; readonly isUsed: boolean };

export interface BackendCheck {
  readonly backend: Backend;
  /** Null: the profile has no work for it. */
  readonly provider: Provider | null;
}

/** A backend that serves with several models, or in several pools, is looked at as each of them. */
export function backendChecks(profile: Profile | null, wanted: readonly Backend[]): readonly BackendCheck[] {
  const used = profile === null ? [] : usedProviders(profile);
  return wanted.flatMap((backend): readonly BackendCheck[] => {
    const own = used.filter((provider) => provider.backend === backend.name);
    return own.length === 0 ? [{ backend, provider: null }] : own.map((provider) => ({ backend, provider }));
  });
}

function profileOf({ home, env }: CliContext, given: string | undefined): Profile | null {
  if (given === undefined && listProfileIds(home).length === 0) return null;
  return loadProfile(home, selectProfileId({ home, env }, given), env, backends);
}

/**
 * One backend as a session of the profile would find it; its own state is in a temporary folder. `patienceMs`: for each
 * answer of the program.
 */
export async function healthOf(
  context: Pick<CliContext, "env">,
  profile: Profile | null,
  { backend, provider }: BackendCheck,
  { sessionId = "check", patienceMs }: { readonly sessionId?: string; readonly patienceMs?: number } = {},
): Promise<BackendHealthReport> {
  const own = (profile?.execution.backends[backend.name] ?? backend.settings.parse({})) as BackendSettings;
  const settings = provider && "model" in own ? { ...own, model: provider.model } : own;
  const { pass, set } = profile
    ? accountEnvironment(profile, { pool: provider?.pool ?? null }, context.env)
    : { pass: [], set: {} };
  const env = sessionEnvironment({
    ...{ sessionId, runDir: tmpdir(), cwd: tmpdir(), promptFile: "", repoSlug: "", branch: "" },
    ...{ host: context.env, pass, backend: set },
  });
  const patience = patienceMs === undefined ? {} : { patienceMs };
  return checkHealth({
    backend,
    settings,
    env,
    ...(profile ? { profileFolder: dirname(profile.file) } : {}),
    ...patience,
  });
}

const lackWords: Readonly<Record<NonNullable<BackendHealthReport["lacks"]>, string>> = {
  program: "does not run",
  setting: "not set up",
  login: "no key",
};

const loginWords: Readonly<Record<BackendHealthReport["login"], string>> = {
  key: "a key",
  login: "logged in",
  none: "none",
  "not-needed": "not needed",
  unknown: "unknown",
};

function rowOf(report: CheckedBackend): string[] {
  const { name, lacks, version, isTested, login, model, modelState, isUsed, pool } = report;
  const tested = isTested === false ? " (not tested with this version)" : "";
  return [
    isUsed ? `${name} *` : name,
    lacks === null ? "ok" : lackWords[lacks],
    version === null ? "-" : `${version}${tested}`,
    loginWords[login],
    model === null ? "-" : `${model}: ${modelWords[modelState]}`,
    pool ?? "",
  ];
}

const modelWords: Readonly<Record<BackendHealthReport["modelState"], string>> = {
  listed: "known",
  "not-listed": "not in its list",
  "not-checked": "not checked",
};
