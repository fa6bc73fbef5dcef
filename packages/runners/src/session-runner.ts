import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import {
  compileGlobs,
  type Json,
  type LaunchFindings,
  lanePayloadOf,
  type Profile,
  type Session,
  type SessionRunner,
  type Task,
} from "@agent-control-plane/core";
import { accountEnvironment } from "./account-environment.ts";
import { agentPrompt } from "./agent-prompt.ts";
import { agentSettings } from "./agent-settings.ts";
import { type Backend, backendNamed, type Resumed } from "./backends/index.ts";
import { openStateFolder } from "./conversations.ts";
import { launchAgent, makeSessionFolders, secretsIn } from "./launch-agent.ts";
import { sessionFolder } from "./profile-worktrees.ts";
import {
  isAlive,
  readContract,
  readEnding,
  readNativeSessionId,
  readProgressAt,
  readReport,
  readWrapperMark,
  reapSession,
  sessionEnvironment,
  sessionFiles,
  stopSession,
  type VerifyCommand,
  writeAtomically,
} from "./session/index.ts";
import { startWrapper } from "./start-wrapper.ts";

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
    launchAgent: async (session, task, found = { conflicts: [] }) => launch(options, session, task, found),
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

  function launch(around: SessionRunnerOptions, session: Session, task: Task, found: LaunchFindings): void {
    const backend = backendNamed(session.backend, around.backends);
    const prompt = agentPrompt({ profile, session, task, found, templateFolders: around.templateFolders });
    makeResultFolder(session);
    const { model, settings } = agentSettings(profile, session, task);
    const payload = lanePayloadOf(task);
    const { pass, set } = accountEnvironment(profile, session, around.env);
    launchAgent({
      ...{ profile, session, backend, model, settings, prompt, cwd: session.worktreePath },
      stateDir: stateDirOf(profile, session, backend),
      resumed: resumedOf(found),
      budget: found.budget ?? null,
      limits: profile.execution.limits,
      environment: {
        ...environmentOf(around, session),
        ...(payload.kind === "issue" ? { issue: payload } : { pullRequest: payload }),
        ...{ lane: task.lane, pass, backend: set },
      },
      wrapper: wrapperOf(around),
    });
  }

  /** Checks run with no word of the agent's in their environment, in a checkout the agent never saw. */
  function launchVerification(around: SessionRunnerOptions, session: Session, changed: readonly string[]): void {
    makeSessionFolders(session);
    const { pass, set } = profile.execution.env;
    const { timeoutMs } = profile.verification;
    const { id: sessionId, runDir, worktreePath: cwd } = session;
    const own = { sessionId, runDir, cwd, promptFile: "" };
    const env = sessionEnvironment({ ...own, ...environmentOf(around, session), pass, backend: set });
    startWrapper({ ...wrapperOf(around), isolation: profile.execution.isolation }, session, {
      cwd,
      command: { file: "/bin/true", args: [], stopSignal: "SIGTERM" },
      env,
      secretNames: secretsIn(profile.execution, env),
      // Checks may be silent for as long as they may take: only the wall clock ends them.
      limits: { ...profile.execution.limits, startupMs: timeoutMs, stallMs: timeoutMs, wallClockMs: timeoutMs },
      verify: { commands: checksFor(profile, changed) },
    });
  }

  function environmentOf(around: SessionRunnerOptions, { branch }: Session) {
    return { repoSlug: profile.repo.slug, branch, host: around.env, secrets: around.secrets };
  }

  function wrapperOf({ storePath, wrapperEntry: entry }: SessionRunnerOptions) {
    return { storePath, entry, leaseMs: profile.scheduler.leaseMs, heartbeatMs: profile.scheduler.heartbeatMs };
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

/** So that a plain `> "$ACP_RESULT_FILE"` works. What the repository has in that place, a link or a file, is left alone. */
function makeResultFolder({ worktreePath }: Session): void {
  try {
    mkdirSync(join(worktreePath, sessionFolder));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
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
