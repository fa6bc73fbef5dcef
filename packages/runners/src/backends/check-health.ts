import { execFile } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { BackendSettings } from "@agent-control-plane/core";
import { makeTemporaryFolder } from "../temporary-folders.ts";
import type { Backend, HealthQuestion, HealthQuestions, PreparedCommand } from "./backend.ts";
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
  /** `key`: one is in the environment. `login`: the profile's. `none`: neither. `not-needed`, `unknown`. */
  readonly login: "key" | "login" | "none" | "not-needed" | "unknown";
  /** The model it would ask for; null: the program's own choice, or none. */
  readonly model: string | null;
  /** What it lacks; null: nothing. `program`: it is not there, or does not say its version. */
  readonly lacks: "program" | "setting" | "login" | null;
  /** Whether the program lists that model. Whether the vendor gives it to this account, only a request would tell. */
  readonly modelState: "listed" | "not-listed" | "not-checked";
  readonly problem: string | null;
}

export interface HealthRequest {
  readonly backend: Backend;
  readonly settings: BackendSettings;
  /** What a session would get: PATH, and what the profile passes on. Of a person's home, nothing is in it. */
  readonly env: Readonly<Record<string, string>>;
  readonly profileFolder?: string;
  /** For each answer of the program; default 60 s. */
  readonly patienceMs?: number;
}

export async function checkHealth(request: HealthRequest): Promise<BackendHealthReport> {
  const stateDir = makeTemporaryFolder("health");
  try {
    return await check(request, stateDir);
  } finally {
    rmSync(stateDir, { recursive: true, force: true });
  }
}

async function check(
  { backend, settings, env: given, profileFolder, patienceMs = defaultPatienceMs }: HealthRequest,
  stateDir: string,
): Promise<BackendHealthReport> {
  const env = { ...given, HOME: stateDir };
  const { name } = backend;
  const model = typeof settings.model === "string" ? settings.model : null;
  const unknown = { name, model, login: "unknown", modelState: "not-checked" } as const;
  const broken = (lacks: "program" | "setting", problem: string): BackendHealthReport => {
    return { ...unknown, ok: false, version: null, isTested: null, lacks, problem };
  };

  const lacking = backend.lacks?.(settings) ?? null;
  if (lacking) return broken("setting", `${lacking.message} ${lacking.fix}`);
  const program = await checkBackend({ backend, settings, env, timeoutMs: patienceMs });
  if (!program.ok) return broken("program", program.problem);
  const asked = backend.health?.(settings) ?? null;
  const version = program.version === "" ? null : program.version;
  const tested = asked?.testedVersions ?? [];
  const isTested = version && tested.length > 0 ? tested.some((each) => version.includes(each)) : null;
  if (!asked) return { ...unknown, ok: true, version, isTested, lacks: null, problem: null };

  const folder = profileFolder === undefined ? {} : { profileFolder };
  const of = { ...{ model, settings, stateDir, cwd: stateDir, runDir: stateDir, promptFile: "" }, ...folder };
  const prepared = backend.command(of);
  const answer = answersOf(
    backend.versionCommand(settings)?.file ?? "",
    { ...env, ...prepared.env },
    model,
    patienceMs,
  );
  const gone = asked.files?.(prepared.command).find((file) => !existsSync(file));
  const login = makeFiles(prepared, stateDir) ? await loginOf(asked, prepared, env, answer) : "none";
  const modelState = login === "none" || model === null ? "not-checked" : await modelStateOf(asked, answer);
  const isRefused = modelState === "not-listed" && asked.takesUnknownModels !== true;
  const problems = [
    ...(gone === undefined ? [] : [`Backend "${name}" needs the file ${gone}, which is not there.`]),
    ...(login === "none" ? [withoutLogin(name, asked.keyNames ?? [], "login" in settings)] : []),
    ...(isRefused ? [`Backend "${name}" does not know the model "${model}": name one that it lists.`] : []),
  ];
  const problem = problems.length === 0 ? null : problems.join(" ");
  const lacks = gone !== undefined ? "program" : login === "none" ? "login" : isRefused ? "setting" : null;
  return { name, ok: problem === null, version, isTested, login, model, modelState, lacks, problem };
}

/** On a machine that is busy, some of them take ten seconds to say a word. */
const defaultPatienceMs = 60_000;

/** What the wrapper makes for a session. False: a login that is named is not there. */
function makeFiles({ command, files, seedFiles }: PreparedCommand, stateDir: string): boolean {
  for (const folder of command.folders ?? []) mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const { path, text } of files ?? []) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, text, { mode: 0o600 });
  }
  for (const { from, to } of seedFiles ?? []) {
    if (!existsSync(from) || !to.startsWith(stateDir)) return false;
    mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
    copyFileSync(from, to);
  }
  return true;
}

async function loginOf(
  asked: HealthQuestions,
  { seedFiles = [] }: PreparedCommand,
  env: Readonly<Record<string, string>>,
  answer: (question: HealthQuestion) => Promise<boolean>,
): Promise<BackendHealthReport["login"]> {
  if (asked.keyNames === null) return "unknown";
  if (asked.keyNames.length === 0 && !asked.login) return "not-needed";
  if (asked.keyNames.some((name) => env[name])) return "key";
  // Without a question for it, the file is all there is to look at.
  const isThere = asked.login ? await answer(asked.login) : seedFiles.length > 0;
  if (!isThere) return "none";
  return seedFiles.length > 0 ? "login" : "key";
}

async function modelStateOf(
  { model }: HealthQuestions,
  answer: (question: HealthQuestion) => Promise<boolean>,
): Promise<BackendHealthReport["modelState"]> {
  if (model === undefined) return "not-checked";
  if (model === "with-version") return "listed";
  return (await answer(model)) ? "listed" : "not-listed";
}

/** Two questions may be the same command: it is run once. */
function answersOf(
  file: string,
  env: Readonly<Record<string, string>>,
  model: string | null,
  patienceMs: number,
): (question: HealthQuestion) => Promise<boolean> {
  const known = new Map<string, Promise<{ readonly output: string; readonly exitCode: number }>>();
  return async ({ args, isYes }) => {
    const key = args.join(" ");
    const answer = known.get(key) ?? ask(file, args, env, patienceMs);
    known.set(key, answer);
    const { output, exitCode } = await answer;
    return isYes(output, exitCode, model);
  };
}

function ask(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  patienceMs: number,
): Promise<{ readonly output: string; readonly exitCode: number }> {
  return new Promise((resolve) => {
    const limits = { timeout: patienceMs, killSignal: "SIGKILL", maxBuffer: 16 * 1024 * 1024 } as const;
    const child = execFile(file, [...args], { env: { ...env }, cwd: env.HOME, ...limits }, (error, stdout, stderr) => {
      const exitCode = typeof error?.code === "number" ? error.code : error ? -1 : 0;
      resolve({ output: `${stdout}\n${stderr}`, exitCode });
    });
    child.stdin?.end();
  });
}

function withoutLogin(name: string, keyNames: readonly string[], hasLogin: boolean): string {
  const names = keyNames.length === 0 ? "its vendor's variable" : keyNames.join(" or ");
  const login = hasLogin ? `, or name a login of yours in execution.${name}.login` : "";
  return `Backend "${name}" has no key${hasLogin ? " and no login" : ""}: pass its key on (execution.env.pass: ${names})${login}.`;
}
