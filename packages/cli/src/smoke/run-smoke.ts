import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hostFile, profileFile, UserError } from "@agent-control-plane/core";
import { makeTemporaryFolder } from "@agent-control-plane/runners";
import { parseDocument } from "yaml";
import type { CliContext } from "../context.ts";
import { sumsIssues } from "../demo/demo-issues.ts";
import { makeDemoRepository } from "../demo/demo-repository.ts";
import { demoWorkerScript } from "../demo/demo-worker.ts";
import { type DemoResult, workIssues } from "../demo/work-issues.ts";
import { initProfile } from "../init/init-profile.ts";
import { INTERRUPTED_EXIT_CODE, interruptible } from "../interruptible.ts";
import { stopLocalForge } from "../local-forge/stop-local-forge.ts";
import { createOutput } from "../output.ts";
import { runtimeLog } from "../runtime/runtime-log.ts";
import { startRuntime } from "../runtime/start-runtime.ts";
import { stopDaemons } from "../runtime/stop-daemon.ts";
import { packageVersion } from "../version.ts";

const profileId = "smoke";
const lastLines = 20;

interface Step {
  readonly name: string;
  readonly ok: boolean;
  readonly ms: number;
}

/**
 * The installed program checks itself: one issue from its label to its pull request, on a forge and in a runtime home of its own,
 * which are gone afterwards. The real home is neither read nor written. Exit code 1 with the step that failed.
 */
export async function runSmoke(context: CliContext, { json }: { readonly json?: boolean }): Promise<void> {
  const folder = makeTemporaryFolder("smoke");
  const smoke = inFolder(context, folder);
  const steps: Step[] = [];
  const startedAt = context.clock.now();
  const failure: { step: string; error: unknown; log: readonly string[] }[] = [];
  const step = async <T>(name: string, words: string, act: () => Promise<T>): Promise<T> => {
    const from = context.clock.now();
    const done = (ok: boolean) => {
      const ms = context.clock.now() - from;
      steps.push({ name, ok, ms });
      context.output.note(`${ok ? "ok    " : "failed"} ${name.padEnd(9)} ${words} (${(ms / 1000).toFixed(1)} s)`);
    };
    try {
      const result = await act();
      done(true);
      return result;
    } catch (error) {
      done(false);
      // Before the folder goes.
      failure.push({ step: name, error, log: logOf(smoke) });
      throw error;
    }
  };
  try {
    await interruptible(smoke, (working) => go(working, folder, step));
  } catch (error) {
    if (failure.length === 0) throw error; // interrupted between two steps, or by a person
    if (error instanceof UserError && error.exitCode === INTERRUPTED_EXIT_CODE) throw error;
  } finally {
    await step("clean-up", "nothing is left of it", () => cleanUp(smoke, folder)).catch(() => {});
  }
  const first = failure[0];
  const document = {
    ...{ ok: first === undefined, version: packageVersion(), steps, failed: first?.step ?? null },
    problem: first === undefined ? null : first.error instanceof Error ? first.error.message : String(first.error),
    ...{ log: first?.log ?? [], durationMs: context.clock.now() - startedAt },
  };
  if (first !== undefined) context.exitWith(1);
  if (json === true) context.output.json(document);
  else print(context, document);
}

type StepRunner = <T>(name: string, words: string, act: () => Promise<T>) => Promise<T>;

async function go(smoke: CliContext, folder: string, step: StepRunner): Promise<void> {
  await step("init", "a repository, a forge to hold it, and a profile", () => prepare(smoke, folder));
  await step("start", "the runtime starts and sees the repository", async () => {
    const { ticks } = await startRuntime(smoke, [profileId]);
    const found = ticks[profileId];
    if (found?.error !== undefined || found?.forge !== "seen")
      throw new UserError(`The runtime started but cannot work: ${found?.error ?? found?.forge ?? "it says nothing"}`);
  });
  const issues = sumsIssues.slice(0, 1);
  const result = await step("work", "a worker works an issue, and the host verifies it", () =>
    workIssues(smoke, { profileId, issues, inSteps: false, say: () => {} }).then(worked),
  );
  await step("publish", "the verified commit, and no other, is in a pull request", async () => published(result));
  await step("stop", "the runtime ends, and all of its processes", async () => {
    const { survivors, daemons } = await stopDaemons(smoke, [profileId], {
      ...{ mode: "end", waitMs: 30_000, onProgress: () => {} },
    });
    if (survivors > 0 || daemons.some(({ ended }) => !ended)) throw new UserError("Processes are left.");
  });
}

function worked(result: DemoResult): DemoResult {
  if (result.problem !== null) throw new UserError(result.problem);
  return result;
}

function published({ ok, pullRequests, issues }: DemoResult): void {
  if (!ok || pullRequests.length !== 1) {
    throw new UserError(`${pullRequests.length} pull request(s), outcome ${issues[0]?.outcome ?? "none"}.`);
  }
}

async function prepare(smoke: CliContext, folder: string): Promise<void> {
  mkdirSync(smoke.home, { recursive: true, mode: 0o700 });
  writeFileSync(hostFile(smoke.home), "max_load_per_cpu: 0\nmin_free_memory_mb: 0\n");
  const repository = join(folder, "sums");
  makeDemoRepository(repository, smoke.env);
  const worker = join(folder, "worker.mjs");
  writeFileSync(worker, demoWorkerScript(sumsIssues));
  await initProfile(smoke, {
    ...{ profileId, repoSlug: "smoke/sums", repoRoot: repository, forge: "local", codingWorker: "shell" },
    shellCommand: `"${process.execPath}" "${worker}"`,
  });
  const file = profileFile(smoke.home, profileId);
  const document = parseDocument(readFileSync(file, "utf8"));
  document.setIn(["scheduler", "interval_seconds"], 0.5);
  document.setIn(["scheduler", "drain_seconds"], 1);
  writeFileSync(file, document.toString());
}

/** Of this shell it knows the PATH and where temporary files go: no token, no setting, no home. */
function inFolder(context: CliContext, folder: string): CliContext {
  const home = join(folder, "runtime-home");
  const person = join(folder, "home");
  mkdirSync(person);
  const { PATH, TMPDIR, LANG } = context.env;
  const given = Object.entries({ PATH, TMPDIR, LANG }).filter(([, value]) => value !== undefined);
  const env = { ...Object.fromEntries(given), HOME: person, AGENT_RUNTIME_HOME: home };
  const quiet = { write: () => true };
  return { ...context, env, home, cwd: folder, output: createOutput(quiet, quiet, env), exitWith() {} };
}

async function cleanUp(smoke: CliContext, folder: string): Promise<void> {
  try {
    await stopDaemons(smoke, [profileId], { mode: "end", waitMs: 30_000, onProgress: () => {} });
    await stopLocalForge(smoke);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

function logOf({ home }: CliContext): readonly string[] {
  return [runtimeLog(home), `${runtimeLog(home)}.err`].flatMap((file) => {
    try {
      return readFileSync(file, "utf8").trim().split("\n").slice(-lastLines);
    } catch {
      return []; // it failed before there was one
    }
  });
}

function print(
  { output }: CliContext,
  found: { ok: boolean; problem: string | null; log: readonly string[]; version: string; failed: string | null },
) {
  const { green, red } = output.style;
  if (found.ok) output.print(`${green("ok")} agent-control-plane ${found.version} works here`);
  else {
    output.print(`${red("failed")} at "${found.failed}": ${found.problem}`);
    if (found.log.length > 0)
      output.print(`The runtime's log ended with:\n${found.log.map((line) => `  ${line}`).join("\n")}`);
  }
}
