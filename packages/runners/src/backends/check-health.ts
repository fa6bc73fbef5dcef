import { execFile } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { BackendSettings } from "@agent-control-plane/core";
import type { Backend, HealthQuestions } from "./backend.ts";
import { checkBackend } from "./check-backend.ts";

/** Could sessions of this backend work here? Nothing of it asks a model, so nothing of it costs anything. */
export interface BackendHealthReport {
  readonly name: string;
  /** False: a session would fail at once. `problem` says why, and what to do. */
  readonly ok: boolean;
  /** As the program prints it; null: there is none, or it did not answer. */
  readonly version: string | null;
  /** Whether this product was tested with that version; null: unknown. */
  readonly isTested: boolean | null;
  /** `key`: one is in the environment. `login`: the program says so. `none`: neither. `not-needed`, `unknown`. */
  readonly login: "key" | "login" | "none" | "not-needed" | "unknown";
  /** The model it would ask for; whether the vendor gives it to this account, only a request would tell. */
  readonly model: string | null;
  /** What it lacks; null: nothing. `program`: it is not there, or does not say its version. */
  readonly lacks: "program" | "setting" | "login" | null;
  readonly problem: string | null;
}

export async function checkHealth(request: {
  readonly backend: Backend;
  readonly settings: BackendSettings;
  /** What a session would get: PATH, and what the profile passes on. Of a person's home, nothing is in it. */
  readonly env: Readonly<Record<string, string>>;
}): Promise<BackendHealthReport> {
  const { backend, settings } = request;
  const stateDir = mkdtempSync(join(tmpdir(), "acp-health-"));
  const env = { ...request.env, HOME: stateDir };
  try {
    const program = await checkBackend({ backend, settings, env });
    const model = typeof settings.model === "string" ? settings.model : null;
    const lacking = backend.lacks?.(settings) ?? null;
    if (!program.ok || lacking) {
      const problem = program.ok ? `${lacking?.message} ${lacking?.fix}` : program.problem;
      const lacks = program.ok ? "setting" : "program";
      return { name: backend.name, ok: false, version: null, isTested: null, login: "unknown", model, lacks, problem };
    }
    const asked = backend.health?.(settings) ?? null;
    const login = asked ? await loginOf(asked, stateDir, env) : "unknown";
    const version = program.version === "" ? null : program.version;
    return {
      name: backend.name,
      ok: login !== "none",
      version,
      isTested: asked && version ? asked.testedVersions.some((tested) => version.includes(tested)) : null,
      login,
      model,
      lacks: login === "none" ? "login" : null,
      problem: login === "none" ? withoutLogin(backend.name, asked?.keyNames ?? []) : null,
    };
  } finally {
    rmSync(stateDir, { recursive: true, force: true });
  }
}

async function loginOf(
  asked: HealthQuestions,
  stateDir: string,
  env: Readonly<Record<string, string>>,
): Promise<BackendHealthReport["login"]> {
  if (asked.keyNames.length === 0 && !asked.login) return "not-needed";
  if (asked.keyNames.some((name) => env[name])) return "key";
  const question = asked.login?.(stateDir);
  if (!question) return "none";
  mkdirSync(question.folder, { recursive: true, mode: 0o700 });
  for (const { from, to } of question.seedFiles) {
    if (!existsSync(from)) return "none";
    mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
    copyFileSync(from, to);
  }
  const { stdout, exitCode } = await answerOf(question, { ...env, ...question.env });
  return question.isLoggedIn(stdout, exitCode) ? "login" : "none";
}

function answerOf(
  { file, args, folder }: { readonly file: string; readonly args: readonly string[]; readonly folder: string },
  env: Readonly<Record<string, string>>,
): Promise<{ readonly stdout: string; readonly exitCode: number }> {
  return new Promise((resolve) => {
    const options = { env: { ...env }, cwd: folder, timeout: 20_000, killSignal: "SIGKILL" } as const;
    const child = execFile(file, [...args], options, (error, stdout, stderr) => {
      const exitCode = typeof error?.code === "number" ? error.code : error ? -1 : 0;
      resolve({ stdout: `${stdout}\n${stderr}`, exitCode });
    });
    child.stdin?.end();
  });
}

function withoutLogin(name: string, keyNames: readonly string[]): string {
  const keys = keyNames.length === 0 ? "" : `pass its key on (execution.env.pass: ${keyNames.join(" or ")}), or `;
  return `Backend "${name}" has no key and no login: ${keys}name a login of yours in execution.${name}.login.`;
}
