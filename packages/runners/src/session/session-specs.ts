import { join } from "node:path";
import type { Millis, SessionLimits } from "@agent-control-plane/core";
import type { BackendSettings } from "../backends/backend.ts";
import { backendNamed } from "../backends/index.ts";
import { sessionEnvironment } from "./environment.ts";
import type { Isolation } from "./isolation.ts";
import { sessionFiles } from "./session-files.ts";
import type { SessionSpec } from "./session-spec.ts";

/** What both kinds of session need to be told. */
export interface SpecRequest {
  readonly sessionId: string;
  readonly taskId: number;
  readonly term: number;
  readonly storePath: string;
  readonly runDir: string;
  /** The worktree. */
  readonly cwd: string;
  readonly repoSlug: string;
  readonly branch: string;
  readonly limits: SessionLimits;
  readonly leaseMs: Millis;
  readonly heartbeatMs: Millis;
  readonly isolation?: "auto" | Isolation;
  /** The daemon's environment, from which little is taken; see `sessionEnvironment`. */
  readonly host: Readonly<Record<string, string | undefined>>;
  readonly pass?: readonly string[];
  readonly secrets?: readonly string[];
  readonly issue?: { readonly number: number; readonly title: string };
}

export interface AgentSpecRequest extends SpecRequest {
  readonly backend: string;
  readonly settings: BackendSettings;
  readonly model: string | null;
  readonly resume?: string | null;
  /** Where the backend keeps its state; by default a folder of this session alone. */
  readonly stateDir?: string;
}

/**
 * Pure. The spec of a session in which a backend works. Its prompt is read from `sessionFiles.prompt(runDir)`, which
 * the caller writes before the launch. Throws `UserError` for settings that the backend cannot work with.
 */
export function agentSpec(request: AgentSpecRequest): SessionSpec {
  const { runDir, cwd, model, settings, resume = null } = request;
  const stateDir = request.stateDir ?? join(runDir, "state");
  const promptFile = sessionFiles.prompt(runDir);
  const context = { model, promptFile, runDir, cwd, stateDir, settings, resume };
  const { command, env, seedFiles = [] } = backendNamed(request.backend).command(context);
  return {
    ...commonSpec(request, env),
    kind: "agent",
    backend: request.backend,
    command,
    stateDir: join(stateDir, request.backend),
    seedFiles,
  };
}

/** Pure. The spec of a session that runs the profile's checks. */
export function verifySpec(
  request: SpecRequest & { readonly commands: readonly { readonly name: string; readonly command: string }[] },
): SessionSpec {
  const command = { file: "/bin/sh", args: [], stdinFile: null, stopSignal: "SIGTERM" as const };
  return {
    ...commonSpec(request, {}),
    kind: "verify",
    backend: "shell",
    command,
    verify: { commands: request.commands },
  };
}

function commonSpec(request: SpecRequest, backendEnv: Readonly<Record<string, string>>) {
  const { sessionId, taskId, term, storePath, runDir, cwd, limits, leaseMs, heartbeatMs, isolation = "auto" } = request;
  const env = sessionEnvironment({ ...request, promptFile: sessionFiles.prompt(runDir), backend: backendEnv });
  return { sessionId, taskId, term, storePath, runDir, cwd, limits, leaseMs, heartbeatMs, isolation, env };
}
