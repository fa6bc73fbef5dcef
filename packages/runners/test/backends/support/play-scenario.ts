import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Ending, SessionLimits } from "@agent-control-plane/core";
import type { Scenario, ScriptedModel } from "@agent-control-plane/scripted-model";
import {
  findMarked,
  readEnding,
  type SessionSpec,
  sessionEnvironment,
  sessionFiles,
  stopSession,
} from "../../../src/session/index.ts";
import { type SessionBench, waitFor } from "../../fixtures/session-bench.ts";
import type { InstalledCli } from "../clis.ts";
import type { BackendRow } from "../expectations/index.ts";

export interface Played {
  readonly ending: Ending | null;
  /** Everything it printed; lines of stderr are marked. */
  readonly output: string;
  readonly files: readonly string[];
  /** Processes that carry the session's mark after its end. */
  readonly leftOver: number;
  readonly runDir: string;
}

export interface Stage {
  readonly row: BackendRow;
  readonly cli: Exclude<InstalledCli, { missing: string }> | null;
  readonly bench: SessionBench;
  readonly model: ScriptedModel;
}

/**
 * One session of the real product around the real program, in a repository of its own, with one scenario's model.
 * `fill` puts files into the repository first; `more` is added to the session's spec.
 */
export async function playScenario(
  { row, cli, bench, model }: Stage,
  scenario: Scenario,
  fill: (cwd: string) => void = () => {},
  more: Partial<SessionSpec> = {},
): Promise<Played> {
  const sessionId = `s-${row.backend.name}-${scenario}-${process.pid}`;
  const runDir = join(bench.root, sessionId);
  const cwd = join(runDir, "worktree");
  mkdirSync(cwd, { recursive: true });
  execFileSync("git", ["init", "--quiet", cwd], { env: { PATH: process.env.PATH ?? "", HOME: runDir } });
  fill(cwd);
  const promptFile = sessionFiles.prompt(runDir);
  writeFileSync(promptFile, "Write hello.txt.\n");
  const at = { url: model.url(scenario), scenario };
  const own = row.env(at);
  const prepared = row.backend.command({
    model: row.model,
    promptFile,
    runDir,
    cwd,
    stateDir: sessionFiles.home(runDir),
    settings: row.backend.settings.parse(row.settings({ ...at, file: cli?.file ?? "" })),
  });
  const env = sessionEnvironment({
    sessionId,
    runDir,
    cwd,
    promptFile,
    repoSlug: "a/b",
    branch: "agent/issue-1",
    host: { PATH: cli?.path ?? process.env.PATH, ...own },
    pass: Object.keys(own),
    backend: prepared.env,
  });
  const limits = limitsOf(scenario, row.startsWithinMs ?? 5_000);
  const spec: Partial<SessionSpec> = {
    sessionId,
    runDir,
    cwd,
    env,
    backend: row.backend.name,
    command: prepared.command,
    limits,
    isolation: "auto",
    ...(prepared.seedFiles ? { seedFiles: prepared.seedFiles } : {}),
    ...(prepared.files ? { files: prepared.files } : {}),
    ...more,
  };
  const session = bench.launch(spec);
  if (scenario === "long-tool") {
    await waitFor("the start of the tool", () => filesIn(cwd).includes("long-tool.txt"), 60_000);
    stopSession(session.wrapper);
  }
  await waitFor(`the end of ${sessionId}`, () => readEnding(runDir) !== null, limits.wallClockMs + 30_000);
  await session.untilGone();
  return {
    ending: readEnding(runDir),
    output: session.output(),
    files: filesIn(cwd),
    leftOver: findMarked(sessionId).length,
    runDir,
  };
}

/** What never ends by itself is ended soon; everything else is given time. */
function limitsOf(scenario: Scenario, startsWithinMs: number): SessionLimits {
  // Its own start, and the minute for which we let a provider refuse, come before most ends.
  const usual = { startupMs: 60_000, stallMs: 60_000, wallClockMs: 120_000 + startsWithinMs, graceMs: 5_000 };
  if (scenario === "silence") {
    // Counted from the last work: on a busy machine a program may be at work for all of the time it starts in.
    const stallMs = startsWithinMs + 2_000;
    return { ...usual, stallMs, wallClockMs: Math.max(usual.wallClockMs, 2 * stallMs + 60_000) };
  }
  if (scenario === "chatter" || scenario === "endless-work") return { ...usual, wallClockMs: startsWithinMs + 4_000 };
  return usual;
}

function filesIn(cwd: string): readonly string[] {
  return readdirSync(cwd, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(cwd.length + 1))
    .filter((path) => !/^\.(git|acp)\//.test(path))
    .sort();
}

/** Lines of stdout alone. */
export function stdoutOf(output: string): readonly string[] {
  return output.split("\n").filter((line) => line !== "" && !line.startsWith("[stderr] "));
}

export const readEvents = (runDir: string): string => readFileSync(join(runDir, "events.jsonl"), "utf8");
