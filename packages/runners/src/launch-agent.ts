import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import {
  type BackendSettings,
  type ProcessMark,
  type Profile,
  type Session,
  type SessionBudget,
  type SessionLimits,
  secretVariables,
} from "@agent-control-plane/core";
import { passedNames } from "./account-environment.ts";
import type { Backend, Resumed } from "./backends/backend.ts";
import { keyNamesOf } from "./backends/key-by-name.ts";
import { requireLogins } from "./backends/login.ts";
import { chooseIsolation, type SessionEnvironmentRequest, sessionEnvironment, sessionFiles } from "./session/index.ts";
import { type StartWrapper, startWrapper } from "./start-wrapper.ts";

export interface AgentLaunch {
  readonly profile: Pick<Profile, "execution" | "file">;
  readonly session: Session;
  readonly backend: Backend;
  readonly model: string | null;
  readonly settings: BackendSettings;
  readonly prompt: string;
  /** Where it runs. */
  readonly cwd: string;
  /** The program's own state; no other session uses it at the same time. */
  readonly stateDir: string;
  readonly resumed: Resumed | null;
  readonly budget: SessionBudget | null;
  readonly limits: SessionLimits;
  /** Of the environment, what does not follow from the rest. `backend` is added to by the backend. */
  readonly environment: Omit<SessionEnvironmentRequest, "sessionId" | "runDir" | "cwd" | "promptFile">;
  /** Names of variables that hold secrets whatever they are called, beside those that the profile says. */
  readonly secretNames?: readonly string[];
  /** Where its result file is looked for; left out: `.acp` below where it runs. */
  readonly resultFolder?: string;
  readonly wrapper: Omit<StartWrapper, "isolation">;
}

/**
 * Writes the prompt and starts the wrapper of an agent's session, for whatever the agent works on. Throws
 * `LaunchRefused` when a login is missing that the settings name, and whatever keeps the process from starting.
 */
export function launchAgent(of: AgentLaunch): ProcessMark {
  const { profile, session, backend, model, settings, resumed, cwd } = of;
  // Before anything is made: in the wrapper it would be the attempt's failure.
  chooseIsolation(profile.execution.isolation);
  makeSessionFolders(session);
  const promptFile = sessionFiles.prompt(session.runDir);
  writeFileSync(promptFile, of.prompt, { mode: 0o600 });
  const prepared = backend.command({
    ...{ model, promptFile, runDir: session.runDir, cwd, stateDir: of.stateDir, settings },
    profileFolder: dirname(profile.file),
    resume: resumed?.nativeSessionId ?? null,
  });
  requireLogins(backend.name, prepared.seedFiles ?? []);
  const env = sessionEnvironment({
    ...{ sessionId: session.id, runDir: session.runDir, cwd, promptFile },
    ...of.environment,
    backend: { ...of.environment.backend, ...prepared.env },
  });
  return startWrapper({ ...of.wrapper, isolation: profile.execution.isolation }, session, {
    ...{ cwd, command: prepared.command, model, env, limits: of.limits, prices: profile.execution.prices },
    ...(resumed ? { resumed } : {}),
    ...(of.budget ? { budget: of.budget } : {}),
    ...(prepared.seedFiles ? { seedFiles: prepared.seedFiles } : {}),
    ...(prepared.files ? { files: prepared.files } : {}),
    ...(of.resultFolder === undefined ? {} : { resultFolder: of.resultFolder }),
    secretNames: secretsIn(profile.execution, env, of.secretNames),
  });
}

/** Of what is passed on; our own variables hold none. */
export function secretsIn(
  execution: Profile["execution"],
  env: Readonly<Record<string, string>>,
  more: readonly string[] = [],
): readonly string[] {
  const { names, keys } = passedNames(execution, "in-session");
  return secretVariables(env, [...names, ...more], [...keyNamesOf(execution), ...keys]);
}

export function makeSessionFolders({ runDir }: Pick<Session, "runDir">): void {
  for (const folder of [runDir, sessionFiles.home(runDir), sessionFiles.tmp(runDir)])
    mkdirSync(folder, { recursive: true, mode: 0o700 });
}
