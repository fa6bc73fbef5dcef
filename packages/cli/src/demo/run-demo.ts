import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { hostFile, profileFile, UserError } from "@agent-control-plane/core";
import { keepTemporaryFolder, makeTemporaryFolder } from "@agent-control-plane/runners";
import type { ScriptedModel } from "@agent-control-plane/scripted-model";
import { parseDocument } from "yaml";
import type { CliContext } from "../context.ts";
import { initProfile } from "../init/init-profile.ts";
import { interruptible } from "../interruptible.ts";
import { stopLocalForge } from "../local-forge/stop-local-forge.ts";
import { createOutput } from "../output.ts";
import { startRuntime } from "../runtime/start-runtime.ts";
import { stopDaemons } from "../runtime/stop-daemon.ts";
import { type DemoIssue, noteIssues, sumsIssues } from "./demo-issues.ts";
import type { DemoOptions } from "./demo-options.ts";
import { makeDemoRepository } from "./demo-repository.ts";
import { demoWorkerScript } from "./demo-worker.ts";
import { printDemo } from "./print-demo.ts";
import { type DemoResult, workIssues } from "./work-issues.ts";

const profileId = "demo";

/**
 * The product itself, on a forge, a repository and a runtime home made for the occasion: init, runtime start, issues,
 * and everything that follows from them. Nothing outside its folder is written, and its exit code tells the truth.
 */
export async function runDemo(context: CliContext, options: DemoOptions): Promise<void> {
  const folder = makeTemporaryFolder("demo");
  const demo = withHome(context, join(folder, "runtime-home"));
  const say = (text: string) => context.output.note(text);
  const startedAt = context.clock.now();
  const issues = options.repo === undefined ? sumsIssues : noteIssues;
  const models: ScriptedModel[] = [];
  let result: DemoResult;
  try {
    result = await interruptible(demo, async (working) => {
      const model = await openModel(working, options, issues, say);
      if (model !== null) models.push(model);
      await prepare(working, options, { folder, issues, model, say });
      return workIssues(working, { profileId, issues, inSteps: options.repo === undefined, say });
    });
  } finally {
    // An open model would keep the program alive, also when cleaning up failed.
    await cleanUp(demo, folder, options.keep === true, say).finally(() => models[0]?.close());
  }
  const document = {
    backend: options.backend,
    scriptedModel: models.length > 0,
    repository: options.repo ?? null,
    ...result,
    durationMs: context.clock.now() - startedAt,
    kept: options.keep === true ? demo.home : null,
  };
  if (!result.ok) context.exitWith(1);
  if (options.json) context.output.json(document);
  else printDemo(context, document);
}

/** The same program in a runtime home of the demo's own; what its commands print is progress here. */
function withHome(context: CliContext, home: string): CliContext {
  const env = { ...context.env, AGENT_RUNTIME_HOME: home, ACP_PROJECT_ID: profileId };
  const quiet = { write: () => true };
  return { ...context, env, home, output: createOutput(quiet, context.stderr, env), exitWith() {} };
}

/** Null: the backend needs no model, or asks its real one. */
async function openModel(
  demo: CliContext,
  { backend, scriptedModel }: DemoOptions,
  issues: readonly DemoIssue[],
  say: (text: string) => void,
): Promise<ScriptedModel | null> {
  if (scriptedModel !== true) return null;
  const { agentVersion, startDemoModel } = await import("./demo-model.ts");
  const model = await startDemoModel(issues, () => demo.clock.now());
  try {
    say(
      `${backend} (${await agentVersion(backend, model, demo.env)}) works, with a model of ours that knows the answers`,
    );
    return model;
  } catch (error) {
    await model.close();
    throw error;
  }
}

interface Preparing {
  readonly folder: string;
  readonly issues: readonly DemoIssue[];
  readonly model: ScriptedModel | null;
  readonly say: (text: string) => void;
}

async function prepare(
  demo: CliContext,
  options: DemoOptions,
  { folder, issues, model, say }: Preparing,
): Promise<void> {
  mkdirSync(demo.home, { recursive: true, mode: 0o700 });
  // Three small sessions: a machine that is busy with other things must not leave people waiting for them.
  writeFileSync(hostFile(demo.home), "max_load_per_cpu: 0\n");
  const repository = options.repo === undefined ? join(folder, "sums") : resolve(demo.cwd, options.repo);
  if (options.repo === undefined) makeDemoRepository(repository, demo.env);
  const worker = join(folder, "worker.mjs");
  writeFileSync(worker, demoWorkerScript(issues));
  say(
    options.repo === undefined
      ? "a small repository whose only test fails, and a forge to hold it"
      : `a copy of ${repository}, on a forge to hold it`,
  );
  const settings = model === null ? null : (await import("./demo-model.ts")).demoSettings(options.backend, model);
  await initProfile(demo, {
    profileId,
    repoSlug: "demo/project",
    repoRoot: repository,
    forge: "local",
    codingWorker: options.backend,
    // Some programs have no model of their own, and no profile without one.
    ...(settings?.model === undefined ? {} : { model: settings.model }),
    ...(options.backend === "shell" ? { shellCommand: `"${process.execPath}" "${worker}"` } : {}),
  });
  await tuneProfile(demo, options, model);
  const started = await startRuntime(demo, [profileId]);
  const failed = Object.values(started.ticks).find((tick) => tick.error !== undefined || tick.forge !== "seen");
  if (failed)
    throw new UserError(`The runtime started but cannot work: ${failed.error ?? failed.forge}`, { exitCode: 1 });
  say(`the runtime runs (pid ${started.pid}); from here on it works by itself`);
}

/** Quick rounds for somebody who watches; and a check that any repository passes when ours is not known to have one. */
async function tuneProfile(demo: CliContext, options: DemoOptions, model: ScriptedModel | null): Promise<void> {
  const file = profileFile(demo.home, profileId);
  const document = parseDocument(readFileSync(file, "utf8"));
  document.setIn(["scheduler", "interval_seconds"], 1);
  document.setIn(["scheduler", "drain_seconds"], 1);
  if (options.repo !== undefined && (options.backend === "shell" || model !== null)) {
    document.setIn(["verification", "commands"], [{ name: "whitespace", command: "git show --check --format= HEAD" }]);
  }
  if (model !== null) {
    // The model knows the answers to these issues, and none about a review.
    document.setIn(["lanes", "enabled"], ["issue-implementation"]);
    const { demoKey, demoSettings } = await import("./demo-model.ts");
    for (const [key, value] of Object.entries(demoSettings(options.backend, model)))
      document.setIn(["execution", options.backend, key], value);
    document.setIn(["execution", "env", "set", demoKey.name], demoKey.value);
  }
  writeFileSync(file, document.toString());
}

async function cleanUp(demo: CliContext, folder: string, keep: boolean, say: (text: string) => void): Promise<void> {
  // Nothing of the demo outlives it, also when it failed half-way.
  try {
    await stopDaemons(demo, [profileId], { mode: "end", waitMs: 30_000, onProgress: say });
    await stopLocalForge(demo);
  } finally {
    if (keep) keepTemporaryFolder(folder);
    else rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
