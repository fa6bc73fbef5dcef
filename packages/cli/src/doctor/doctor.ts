import { existsSync } from "node:fs";
import { profileFile, UserError } from "@agent-control-plane/core";
import type { CliContext } from "../context.ts";
import { packageVersion } from "../version.ts";
import { checks } from "./checks/index.ts";
import type { Finding } from "./finding.ts";
import { type Healed, heal } from "./heal.ts";
import { printDoctor } from "./print-doctor.ts";
import { type CheckResult, runChecks } from "./run-checks.ts";
import { installedIds, type Scope, scopeOf } from "./scope.ts";
import { showProgress } from "./show-progress.ts";

export interface DoctorOptions {
  readonly profileId?: string;
  readonly all?: boolean;
  readonly fix?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export interface Diagnosis {
  readonly home: string;
  readonly version: string;
  readonly profiles: readonly string[];
  /** No problem is left. */
  readonly ok: boolean;
  readonly checks: readonly { readonly name: string; readonly ms: number; readonly state: Finding["level"] }[];
  readonly findings: readonly Finding[];
  /** Empty without `--fix`. */
  readonly fixes: readonly Healed[];
}

/** Looks at everything and says what is not well; exit code 1 then. Writes nothing unless `--fix` asks for it. */
export async function doctor(context: CliContext, options: DoctorOptions): Promise<void> {
  if (options.dryRun && !options.fix)
    throw new UserError("--dry-run says what --fix would do: give both.", { exitCode: 64 });
  const scope = scopeOf(context, idsOf(context, options));
  const first = await look(scope, options);
  const fixes = options.fix ? await heal(scope, findingsOf(first), { dryRun: options.dryRun === true }) : [];
  const isChanged = fixes.some(({ result }) => result === "fixed" || result === "failed");
  // What was put right shows in a second look, and so does what it uncovered.
  const results = isChanged ? await look(scopeOf(context, idsOf(context, options)), options) : first;
  const findings = findingsOf(results);
  const diagnosis: Diagnosis = {
    ...{ home: context.home, version: packageVersion(), profiles: scope.profileIds },
    ok: findings.every(({ level }) => level !== "problem"),
    checks: results.map(({ name, ms, findings: own }) => ({ name, ms, state: worst(own) })),
    ...{ findings, fixes },
  };
  if (!diagnosis.ok) context.exitWith(1);
  if (options.json) context.output.json(diagnosis);
  else printDoctor(context.output, diagnosis);
}

function idsOf({ home, env }: CliContext, { profileId, all }: DoctorOptions): readonly string[] {
  const named = all ? undefined : (profileId ?? (env.ACP_PROJECT_ID || undefined));
  if (named === undefined) return installedIds(home);
  if (existsSync(profileFile(home, named))) return [named];
  const others = installedIds(home);
  const hint =
    others.length === 0 ? `Make one with "acp init --profile-id ${named}".` : `Installed: ${others.join(", ")}.`;
  throw new UserError(`Profile "${named}" is not installed. ${hint}`, { exitCode: 66 });
}

async function look(scope: Scope, { json }: DoctorOptions): Promise<readonly CheckResult[]> {
  const progress = showProgress(
    scope.context,
    checks.map(({ name }) => name),
    json === true,
  );
  try {
    return await runChecks(checks, scope, progress.ended);
  } finally {
    progress.stop();
  }
}

const findingsOf = (results: readonly CheckResult[]): readonly Finding[] => results.flatMap(({ findings }) => findings);

function worst(findings: readonly Finding[]): Finding["level"] {
  if (findings.some(({ level }) => level === "problem")) return "problem";
  return findings.some(({ level }) => level === "note") ? "note" : "ok";
}
