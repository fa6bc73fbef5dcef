import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  alertAction,
  type ContractReading,
  compileGlobs,
  isLane,
  issueNumberOf,
  type Json,
  type Lane,
  type LaunchFindings,
  lanePayloadOf,
  type Profile,
  parseResultEnv,
  parseResultJson,
  pullRequestNumberOf,
  type ResultContract,
  type Session,
  type SessionRunner,
  secretVariables,
  type Task,
  type VerificationReport,
} from "@agent-control-plane/core";
import { accountEnvironment, passedNames } from "./account-environment.ts";
import { agentPrompt } from "./agent-prompt.ts";
import { agentSettings } from "./agent-settings.ts";
import { type Backend, backendNamed, type Resumed } from "./backends/index.ts";
import { keyNamesOf } from "./backends/key-by-name.ts";
import { requireLogins } from "./backends/login.ts";
import { openStateFolder } from "./conversations.ts";
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
  streamMaxBytes,
  type VerifyCommand,
  writeAtomically,
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
  /** Instead of those there are: for tests that bring one of their own. */
  readonly backends?: readonly Backend[];
}

/** Starts and watches the sessions of one profile. What it learns of a session is in the session's run folder. */
export function createSessionRunner(options: SessionRunnerOptions): SessionRunner {
  const { profile } = options;
  return {
    launchAgent: async (session, task, found = { conflicts: [] }) => launchAgent(options, session, task, found),
    launchVerification: async (session, _of, changed) => launchVerification(options, session, changed),
    wrapperOf: (session) => readWrapperMark(session.runDir),
    isAlive,
    ending: (session) => readEnding(session.runDir),
    nativeSessionId: readNativeSessionId,
    progressAt: readProgressAt,
    contract: readContract,
    verification: (session) => readReport(session.runDir),
    keepEvidence: ({ runDir }, evidence) => keepEvidence(runDir, evidence),
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
    const backend = backendNamed(session.backend, around.backends);
    const prompt = agentPrompt({ profile, session, task, found, templateFolders: around.templateFolders });
    makeFolders(session);
    makeResultFolder(session);
    const promptFile = sessionFiles.prompt(session.runDir);
    writeFileSync(promptFile, prompt, { mode: 0o600 });
    const resumed = resumedOf(found);
    const { model, settings } = agentSettings(profile, session, task);
    const prepared = backend.command({
      model,
      promptFile,
      runDir: session.runDir,
      cwd: session.worktreePath,
      stateDir: stateDirOf(profile, session, backend),
      settings,
      profileFolder: dirname(profile.file),
      resume: resumed?.nativeSessionId ?? null,
    });
    requireLogins(backend.name, prepared.seedFiles ?? []);
    const payload = lanePayloadOf(task);
    const { pass, set } = accountEnvironment(profile, session, around.env);
    const env = sessionEnvironment({
      ...environmentOf(around, session, promptFile),
      ...(payload.kind === "issue" ? { issue: payload } : { pullRequest: payload }),
      lane: task.lane,
      pass,
      backend: { ...set, ...prepared.env },
    });
    start(around, session, {
      command: prepared.command,
      ...(resumed ? { resumed } : {}),
      ...(found.budget ? { budget: found.budget } : {}),
      model,
      prices: profile.execution.prices,
      ...(prepared.seedFiles ? { seedFiles: prepared.seedFiles } : {}),
      ...(prepared.files ? { files: prepared.files } : {}),
      env,
      secretNames: secretsIn(env),
      limits: profile.execution.limits,
    });
  }

  /** Checks run with no word of the agent's in their environment, in a checkout the agent never saw. */
  function launchVerification(around: SessionRunnerOptions, session: Session, changed: readonly string[]): void {
    makeFolders(session);
    const { pass, set } = profile.execution.env;
    const { timeoutMs } = profile.verification;
    const env = sessionEnvironment({ ...environmentOf(around, session, ""), pass, backend: set });
    start(around, session, {
      command: { file: "/bin/true", args: [], stopSignal: "SIGTERM" },
      env,
      secretNames: secretsIn(env),
      // Checks may be silent for as long as they may take: only the wall clock ends them.
      limits: { ...profile.execution.limits, startupMs: timeoutMs, stallMs: timeoutMs, wallClockMs: timeoutMs },
      verify: { commands: checksFor(profile, changed) },
    });
  }

  /** Of what the profile passes on; our own variables hold none. */
  function secretsIn(env: Readonly<Record<string, string>>): readonly string[] {
    const { names, keys } = passedNames(profile.execution, "in-session");
    return secretVariables(env, names, [...keyNamesOf(profile.execution), ...keys]);
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

function resumedOf({ resume }: LaunchFindings): Resumed | null {
  if (resume?.rung !== "native" || resume.nativeSessionId === null) return null;
  return { nativeSessionId: resume.nativeSessionId, usageBefore: resume.usageBefore };
}

/** One of the conversation's, which its later sessions use, one after the other; otherwise the session's own. */
function stateDirOf({ runtime }: Profile, { conversation, runDir }: Session, { capabilities }: Backend): string {
  if (!conversation || !capabilities.resume) return sessionFiles.home(runDir);
  return openStateFolder(runtime.runsRoot, conversation.id, capabilities.resume.keeps);
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

/** It is among the first things a program says; the session's program can write there, too, so it is only a name. */
function readNativeSessionId({ runDir }: Session): string | null {
  const begin = readRunFile(sessionFiles.events(runDir), { maxBytes: 2 * streamMaxBytes }) ?? "";
  for (const line of begin.split("\n")) {
    try {
      const { kind, nativeSessionId } = JSON.parse(line);
      if (kind === "started" && typeof nativeSessionId === "string") return nativeSessionId;
    } catch {
      // A line that was cut off in the middle, by the crash or by our bound.
    }
  }
  return null;
}

/** Only what comes after the provider has answered: a program says that it has started, and what it sent, before that. */
const answers: ReadonlySet<unknown> = new Set(["message", "tool-start", "tool-end", "usage"]);
const progressTailBytes = 256 * 1024;

/** The session's program can write there, too: the worst it can do is to have others tried a little early. */
function readProgressAt({ runDir }: Session): number | null {
  const tail = readRunFile(sessionFiles.events(runDir), { maxBytes: progressTailBytes, fromEnd: true }) ?? "";
  for (const line of tail.split("\n").reverse()) {
    try {
      const { kind, at } = JSON.parse(line);
      if (answers.has(kind) && typeof at === "number") return at;
    } catch {
      // The first line of the tail, or the one that is being written.
    }
  }
  return null;
}

/** The agent's result file as the wrapper took it over; both shapes are known, the JSON one wins. */
function readContract({ runDir, lane, subject }: Session): ContractReading {
  const json = readRunFile(sessionFiles.resultJson(runDir));
  const env = json === null ? readRunFile(sessionFiles.resultEnv(runDir)) : null;
  const refused = readRunFile(sessionFiles.resultRefused(runDir));
  if (refused !== null) return { kind: "invalid", problems: [refused.trim()] };
  const notes = readNotes(runDir);
  if (json === null && env === null) return { kind: "missing", notes };
  const parsed = json !== null ? parseResultJson(json, laneOf(lane)) : parseResultEnv(env ?? "", laneOf(lane));
  if (!parsed.ok) return { kind: "invalid", problems: parsed.problems };
  const other = itemOfOther(parsed.contract, subject);
  if (other !== null) return { kind: "invalid", problems: [other], reason: "contract-of-another-item" };
  const { outcome, action, summary, detail, pr_title, pr_body, commit_message, failure_reason, findings, resolved } =
    parsed.contract;
  const { follow_ups, superseded } = parsed.contract;
  return {
    kind: "valid",
    outcome,
    isAlert: action === alertAction,
    detail: detail ?? summary ?? "",
    title: pr_title ?? null,
    body: pr_body ?? summary ?? null,
    commitMessage: commit_message ?? null,
    failureReason: failure_reason ?? null,
    ...(follow_ups?.length ? { followUps: follow_ups, isSuperseded: superseded === true } : {}),
    ...(findings ? { findings } : {}),
    ...(resolved ? { resolved } : {}),
    notes,
  };
}

/** A result that speaks of other work than the session was given: somebody else's, or one of before. */
function itemOfOther({ issue, pr }: ResultContract, subject: string): string | null {
  const issueNumber = issueNumberOf(subject);
  const pullNumber = pullRequestNumberOf(subject);
  if (issueNumber !== null && issue !== undefined && issue !== issueNumber) {
    return `issue: the result is about #${issue}, and the session was given #${issueNumber}`;
  }
  if (pullNumber !== null && pr !== undefined && pr !== pullNumber) {
    return `pr: the result is about #${pr}, and the session was given #${pullNumber}`;
  }
  return null;
}

const maxNotes = 20;
const maxNote = 200;

/** One line for each JSON object the agent left; what is none is left out. */
function readNotes(runDir: string): readonly string[] {
  const lines = (readRunFile(sessionFiles.notes(runDir)) ?? "").split("\n").filter((line) => line.trim() !== "");
  const notes = lines.slice(0, 200).flatMap((line) => noteIn(line) ?? []);
  const left = notes.length - maxNotes;
  return left > 0 ? [...notes.slice(0, maxNotes), `and ${left} more`] : notes;
}

function noteIn(line: string): string | null {
  try {
    const said: unknown = JSON.parse(line);
    if (said === null || typeof said !== "object" || Array.isArray(said)) return null;
    const words = Object.entries(said).flatMap(([name, value]) =>
      typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? `${name}: ${value}` : [],
    );
    return words.length === 0 ? null : words.join(", ").slice(0, maxNote);
  } catch {
    return null;
  }
}

/** The folder may be gone, or never have been made; what a conclusion rests on stands in the store all the same. */
function keepEvidence(runDir: string, evidence: Json): void {
  if (existsSync(runDir)) writeAtomically(sessionFiles.evidence(runDir), `${JSON.stringify(evidence, null, 2)}\n`);
}

/** In the order in which a failure is cheapest to see; a check for certain paths is run when one of them was changed. */
function checksFor({ verification }: Profile, changed: readonly string[]): readonly VerifyCommand[] {
  const targeted = verification.targeted.filter(({ paths }) => changed.some(compileGlobs(paths)));
  return [
    ...verification.setup.map((check) => ({ ...check, phase: "setup" as const })),
    ...targeted.map(({ name, command }) => ({ name, command, phase: "targeted" as const })),
    ...verification.commands.map((check) => ({ ...check, phase: "full" as const })),
  ];
}

const laneOf = (name: string): Lane => (isLane(name) ? name : "issue-implementation");

const tailBytes = 4_000;

function readReport(runDir: string): VerificationReport | null {
  const verification = readVerification(runDir);
  if (!verification) return null;
  const commands = verification.commands.map(({ name, command, exitCode, durationMs, logFile, phase = "full" }) => {
    const log = join(runDir, logFile);
    const tail = readRunFile(log, { maxBytes: tailBytes, fromEnd: true }) ?? "";
    return { name, command, exitCode, durationMs, tail, phase, log };
  });
  return { passed: verification.passed, commands };
}
