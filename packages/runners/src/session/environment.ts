import { join } from "node:path";
import { isForbiddenVariable } from "@agent-control-plane/core";
import { sessionFiles } from "./session-files.ts";

export interface SessionEnvironmentRequest {
  readonly sessionId: string;
  readonly runDir: string;
  readonly cwd: string;
  readonly promptFile: string;
  /** Instead of the session's own folder, for example a profile's state folder. */
  readonly home?: string;
  /** Of sessions that work on a repository of the forge. */
  readonly repoSlug?: string;
  readonly branch?: string;
  /** Where its result is to be written; left out: `.acp/result.json` below where it runs. */
  readonly resultFile?: string;
  /** Of an agent's session; a verification is told neither. */
  readonly lane?: string;
  readonly issue?: { readonly number: number; readonly title: string };
  readonly pullRequest?: { readonly number: number };
  /** The daemon's environment: PATH, the language and the passed names are taken from it. */
  readonly host: Readonly<Record<string, string | undefined>>;
  /** Names the profile passes on (`execution.env.pass`). */
  readonly pass?: readonly string[];
  /** What the backend wants set. */
  readonly backend?: Readonly<Record<string, string>>;
  /** What we say of its place besides; nothing that is passed or set replaces it. */
  readonly place?: Readonly<Record<string, string | undefined>>;
  /** Values that must not appear under any name. */
  readonly secrets?: readonly string[];
}

/**
 * Pure. The whole environment of a session's program, built from nothing. No token for the forge gets in: not by its
 * name, whatever the profile says, and not by its value under another name.
 */
export function sessionEnvironment(request: SessionEnvironmentRequest): Record<string, string> {
  const { host } = request;
  const passed = Object.fromEntries((request.pass ?? []).map((name) => [name, host[name]]));
  const user = host.USER ?? host.LOGNAME ?? "agent";
  // Later ones win: nothing passed can replace what we set.
  const wanted: Record<string, string | undefined> = {
    LANG: host.LANG ?? "C.UTF-8",
    LC_ALL: host.LC_ALL,
    TZ: host.TZ,
    ...passed,
    ...request.backend,
    PATH: host.PATH ?? "/usr/local/bin:/usr/bin:/bin",
    HOME: request.home ?? sessionFiles.home(request.runDir),
    TMPDIR: sessionFiles.tmp(request.runDir),
    TERM: "dumb",
    USER: user,
    LOGNAME: user,
    CI: "1",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    ACP_SESSION_ID: request.sessionId,
    ACP_PROMPT_FILE: request.promptFile,
    ACP_RESULT_FILE: request.resultFile ?? join(request.cwd, ".acp", "result.json"),
    ACP_REPO_SLUG: request.repoSlug,
    ACP_BRANCH: request.branch,
    ACP_LANE: request.lane,
    ACP_PR_NUMBER: request.pullRequest ? String(request.pullRequest.number) : undefined,
    ACP_ISSUE_NUMBER: request.issue ? String(request.issue.number) : undefined,
    ACP_ISSUE_TITLE: request.issue?.title.replaceAll("\0", ""),
    ...request.place,
  };
  const secrets = (request.secrets ?? []).filter((secret) => secret !== "");
  // A very short secret is part of many harmless values; only the whole value counts then.
  const isSecret = (value: string) =>
    secrets.some((secret) => value === secret || (secret.length >= 8 && value.includes(secret)));
  const built: Record<string, string> = {};
  for (const [name, value] of Object.entries(wanted)) {
    if (value === undefined || value.includes("\0") || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) continue;
    if (isForbiddenVariable(name) || isSecret(value)) continue;
    built[name] = value;
  }
  return built;
}
