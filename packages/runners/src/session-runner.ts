import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  alertAction,
  type ContractReading,
  isLane,
  isSecondReview,
  type Lane,
  type LaunchFindings,
  lanePayloadOf,
  type Profile,
  parseResultEnv,
  parseResultJson,
  type Session,
  type SessionRunner,
  type Task,
  type VerificationReport,
} from "@agent-control-plane/core";
import { agentPrompt } from "./agent-prompt.ts";
import { backendNamed } from "./backends/index.ts";
import { sessionFolder } from "./profile-worktrees.ts";
import {
  chooseIsolation,
  isAlive,
  launchSession,
  readEnding,
  readRunFile,
  readVerification,
  readWrapperMark,
  reapSession,
  type SessionSpec,
  sessionEnvironment,
  sessionFiles,
  stopSession,
} from "./session/index.ts";

export interface SessionRunnerOptions {
  readonly profile: Profile;
  readonly storePath: string;
  /** Node and the wrapper's script. */
  readonly wrapperEntry: { readonly file: string; readonly args: readonly string[] };
  /** Where prompt templates are looked for, first match wins: the profile's own, then those we ship. */
  readonly templateFolders: readonly string[];
  /** The daemon's environment; sessions get an allowlist of it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Values that must not reach a session under any name. */
  readonly secrets: readonly string[];
}

/** Starts and watches the sessions of one profile. What it learns of a session is in the session's run folder. */
export function createSessionRunner(options: SessionRunnerOptions): SessionRunner {
  const { profile } = options;
  return {
    launchAgent: async (session, task, found = { conflicts: [] }) => launchAgent(options, session, task, found),
    launchVerification: async (session) => launchVerification(options, session),
    wrapperOf: (session) => readWrapperMark(session.runDir),
    isAlive,
    ending: (session) => readEnding(session.runDir),
    contract: readContract,
    verification: (session) => readReport(session.runDir),
    stop(session) {
      const wrapper = session.wrapper ?? readWrapperMark(session.runDir);
      if (wrapper && isAlive(wrapper)) stopSession(wrapper);
    },
    async reap(session) {
      const reaped = await reapSession({ sessionId: session.id, runDir: session.runDir });
      return reaped.kind === "reaped" ? { killed: reaped.killed, survivors: reaped.survivors } : "wrapper-alive";
    },
  };

  function launchAgent(around: SessionRunnerOptions, session: Session, task: Task, found: LaunchFindings): void {
    // Before anything is made: in the wrapper it would be the attempt's failure.
    chooseIsolation(profile.execution.isolation);
    const backend = backendNamed(session.backend);
    const prompt = agentPrompt({ profile, session, task, found, templateFolders: around.templateFolders });
    makeFolders(session);
    makeResultFolder(session);
    const promptFile = sessionFiles.prompt(session.runDir);
    writeFileSync(promptFile, prompt, { mode: 0o600 });
    const { claude, codex, shell } = profile.execution;
    const settings = session.backend === "claude" ? claude : session.backend === "codex" ? codex : shell;
    const second = isSecondReview(task) ? profile.reviews.second.model : null;
    const model = "model" in settings ? (second ?? settings.model) : null;
    const prepared = backend.command({
      model,
      promptFile,
      runDir: session.runDir,
      cwd: session.worktreePath,
      stateDir: sessionFiles.home(session.runDir),
      settings: "model" in settings ? { ...settings, model } : settings,
    });
    const payload = lanePayloadOf(task);
    const { pass, set } = profile.execution.env;
    start(around, session, {
      command: prepared.command,
      ...(prepared.seedFiles ? { seedFiles: prepared.seedFiles } : {}),
      env: sessionEnvironment({
        ...environmentOf(around, session, promptFile),
        ...(payload.kind === "issue" ? { issue: payload } : { pullRequest: payload }),
        lane: task.lane,
        pass,
        backend: { ...set, ...prepared.env },
      }),
      limits: profile.execution.limits,
    });
  }

  /** Checks run with no word of the agent's in their environment, in a checkout the agent never saw. */
  function launchVerification(around: SessionRunnerOptions, session: Session): void {
    makeFolders(session);
    const { pass, set } = profile.execution.env;
    const { timeoutMs, commands } = profile.verification;
    start(around, session, {
      command: { file: "/bin/true", args: [], stopSignal: "SIGTERM" },
      env: sessionEnvironment({ ...environmentOf(around, session, ""), pass, backend: set }),
      // Checks may be silent for as long as they may take: only the wall clock ends them.
      limits: { ...profile.execution.limits, startupMs: timeoutMs, stallMs: timeoutMs, wallClockMs: timeoutMs },
      verify: { commands },
    });
  }

  function start(
    around: SessionRunnerOptions,
    session: Session,
    part: Pick<SessionSpec, "command" | "env" | "limits"> & Partial<SessionSpec>,
  ): void {
    launchSession({
      entry: around.wrapperEntry,
      spec: {
        sessionId: session.id,
        taskId: session.taskId,
        term: session.term,
        kind: session.kind,
        storePath: around.storePath,
        runDir: session.runDir,
        cwd: session.worktreePath,
        backend: session.backend,
        leaseMs: profile.scheduler.leaseMs,
        heartbeatMs: profile.scheduler.heartbeatMs,
        isolation: profile.execution.isolation,
        ...part,
      },
    });
  }

  function environmentOf(around: SessionRunnerOptions, session: Session, promptFile: string) {
    return {
      sessionId: session.id,
      runDir: session.runDir,
      cwd: session.worktreePath,
      promptFile,
      repoSlug: profile.repo.slug,
      branch: session.branch,
      host: around.env,
      secrets: around.secrets,
    };
  }
}

function makeFolders({ runDir }: Session): void {
  for (const folder of [runDir, sessionFiles.home(runDir), sessionFiles.tmp(runDir)])
    mkdirSync(folder, { recursive: true, mode: 0o700 });
}

/** So that a plain `> "$ACP_RESULT_FILE"` works. What the repository has in that place, a link or a file, is left alone. */
function makeResultFolder({ worktreePath }: Session): void {
  try {
    mkdirSync(join(worktreePath, sessionFolder));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

/** The agent's result file as the wrapper took it over; both shapes are known, the JSON one wins. */
function readContract({ runDir, lane }: Session): ContractReading {
  const json = readRunFile(sessionFiles.resultJson(runDir));
  const env = json === null ? readRunFile(sessionFiles.resultEnv(runDir)) : null;
  const refused = readRunFile(sessionFiles.resultRefused(runDir));
  if (refused !== null) return { kind: "invalid", problems: [refused.trim()] };
  if (json === null && env === null) return { kind: "missing" };
  const parsed = json !== null ? parseResultJson(json, laneOf(lane)) : parseResultEnv(env ?? "", laneOf(lane));
  if (!parsed.ok) return { kind: "invalid", problems: parsed.problems };
  const { outcome, action, summary, detail, pr_title, pr_body, commit_message, failure_reason, findings, resolved } =
    parsed.contract;
  return {
    kind: "valid",
    outcome,
    isAlert: action === alertAction,
    detail: detail ?? summary ?? "",
    title: pr_title ?? null,
    body: pr_body ?? summary ?? null,
    commitMessage: commit_message ?? null,
    failureReason: failure_reason ?? null,
    ...(findings ? { findings } : {}),
    ...(resolved ? { resolved } : {}),
  };
}

const laneOf = (name: string): Lane => (isLane(name) ? name : "issue-implementation");

const tailBytes = 4_000;

function readReport(runDir: string): VerificationReport | null {
  const verification = readVerification(runDir);
  if (!verification) return null;
  const commands = verification.commands.map(({ name, command, exitCode, durationMs, logFile }) => {
    const tail = readRunFile(join(runDir, logFile), { maxBytes: tailBytes, fromEnd: true }) ?? "";
    return { name, command, exitCode, durationMs, tail };
  });
  return { passed: verification.passed, commands };
}
