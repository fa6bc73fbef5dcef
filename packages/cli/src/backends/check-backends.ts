import { tmpdir } from "node:os";
import { type BackendSettings, listProfileIds, loadProfile, type Profile } from "@agent-control-plane/core";
import { sessionEnvironment } from "@agent-control-plane/runners";
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
  const wanted = name === undefined ? backends : [backendNamed(name)];
  const reports = [];
  // One after the other: several of them take a core and half a gigabyte to say their version.
  for (const backend of wanted) {
    const isUsed = profile?.execution.codingWorker === backend.name;
    reports.push({ ...(await healthOf(context, profile, backend)), isUsed });
  }
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

function profileOf({ home, env }: CliContext, given: string | undefined): Profile | null {
  if (given === undefined && listProfileIds(home).length === 0) return null;
  return loadProfile(home, selectProfileId({ home, env }, given), env, backends);
}

async function healthOf(context: CliContext, profile: Profile | null, backend: Backend): Promise<BackendHealthReport> {
  const settings = (profile?.execution.backends[backend.name] ?? backend.settings.parse({})) as BackendSettings;
  const { pass, set } = profile?.execution.env ?? { pass: [], set: {} };
  const env = sessionEnvironment({
    ...{ sessionId: "check", runDir: tmpdir(), cwd: tmpdir(), promptFile: "", repoSlug: "", branch: "" },
    ...{ host: context.env, pass, backend: set },
  });
  return checkHealth({ backend, settings, env });
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

function rowOf({
  name,
  lacks,
  version,
  isTested,
  login,
  model,
  isUsed,
}: BackendHealthReport & { isUsed: boolean }): string[] {
  const tested = isTested === false ? " (not tested with this version)" : "";
  return [
    isUsed ? `${name} *` : name,
    lacks === null ? "ok" : lackWords[lacks],
    version === null ? "-" : `${version}${tested}`,
    loginWords[login],
    model ?? "-",
  ];
}
