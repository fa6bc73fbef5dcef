import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { reapSession } from "@agent-control-plane/runners";
import { type BackendHealthReport, backends } from "@agent-control-plane/runners/backends";
import { backendChecks, healthOf } from "../../backends/check-backends.ts";
import { type Finding, note, ok, problem } from "../finding.ts";
import type { Check, Scope } from "../scope.ts";

export type BackendFacts = BackendHealthReport & { readonly profileId: string; readonly file: string };

export const backendsCheck: Check = {
  name: "backends",
  limitMs: 45_000,
  look: async (scope, signal) => judgeBackends(await readBackends(scope, signal)),
};

export const judgeBackends = (facts: readonly BackendFacts[]): readonly Finding[] => facts.flatMap(judgeBackend);

const codes = { program: "backend-program", setting: "backend-setting", login: "backend-login" } as const;
const fixes = {
  program: "install the program, or name its file in the profile; the runtime must find it on its PATH.",
  setting: "correct the backend's section of the profile.",
  login: "log the program in for sessions: pass its key on (execution.env.pass), or name a login.",
} as const;

function judgeBackend({
  profileId,
  file,
  name,
  ok: isOk,
  lacks,
  problem: why,
  version,
  isTested,
  login,
  model,
  modelState,
}: BackendFacts): readonly Finding[] {
  const command = `acp backends check ${name} --profile-id ${profileId}`;
  if (!isOk) {
    const kind = lacks ?? "program";
    const fix = kind === "program" ? fixes.program : `${fixes[kind]} It is ${file}.`;
    return [problem(codes[kind], { subject: name, profileId, found: why ?? `${name} does not work`, fix, command })];
  }
  const said = [version, login === "unknown" ? null : `login: ${login}`, model].filter((word) => word !== null);
  const fine = ok("backends", name, `${name} (${profileId}): ${said.join(", ") || "works"}`);
  const notes = [
    ...(isTested === false
      ? [
          note("backend-untested", {
            ...{ subject: name, profileId, command },
            found: `${name} ${version} is not a version this product was tested with`,
            fix: "look whether its sessions end well; install a tested version if they do not (docs/backends.md).",
          }),
        ]
      : []),
    ...(modelState === "not-listed"
      ? [
          note("backend-model", {
            ...{ subject: name, profileId, command },
            found: `${name} does not list the model ${model}, and asks for it all the same`,
            fix: `see whether its name is right in ${file}; the vendor decides when the first session asks for it.`,
          }),
        ]
      : []),
  ];
  return notes.length === 0 ? [fine] : notes;
}

/** One after the other: several of them take a core and half a gigabyte to say their version. */
async function readBackends({ context, profiles }: Scope, signal: AbortSignal): Promise<readonly BackendFacts[]> {
  const found: BackendFacts[] = [];
  const known = new Map<string, BackendHealthReport>();
  for (const profile of profiles) {
    for (const check of backendChecks(profile, backends)) {
      if (check.provider === null || signal.aborted) continue;
      const settings = profile.execution.backends[check.backend.name];
      const key = JSON.stringify([
        check.backend.name,
        settings,
        check.provider,
        profile.execution.env,
        profile.execution.accounts,
      ]);
      const sessionId = `check-${randomBytes(6).toString("hex")}`;
      const report = known.get(key) ?? (await healthOf(context, profile, check, { sessionId, patienceMs: patienceMs }));
      known.set(key, report);
      found.push({ ...report, profileId: profile.id, file: profile.file });
      // A program that did not answer may have left others behind.
      if (!report.ok) await reapSession({ sessionId, runDir: join(tmpdir(), sessionId), proofMs: 1_000 });
    }
  }
  return found;
}

const patienceMs = 20_000;
