/**
 * Why a git call did not do what was asked, by what the caller should do.
 * `auth`: the token is missing, wrong or too weak. `not-found`: no such repository, branch or commit.
 * `unreachable`: try again later; a push may have been applied. `refused`: the remote said a definite no.
 */
export const gitFailures = [
  "auth",
  "not-found",
  "unreachable",
  "non-fast-forward",
  "refused",
  "disk-full",
  "timeout",
  "other",
] as const;
export type GitFailure = (typeof gitFailures)[number];

/** A failed git call. The message names the step and never holds a token. */
export class GitError extends Error {
  readonly reason: GitFailure;

  constructor(reason: GitFailure, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "GitError";
    this.reason = reason;
  }
}

/** The reason behind git's English error text. Lines a server wrote (`remote:`) have no say. */
export function classifyGitFailure(stderr: string): GitFailure {
  const own = stderr
    .split("\n")
    .filter((line) => !line.startsWith("remote:"))
    .join("\n");
  return evidence.find(([, pattern]) => pattern.test(own))?.[0] ?? "other";
}

/** First match wins: a refused login also says "unable to access". */
const evidence: readonly (readonly [GitFailure, RegExp])[] = [
  ["disk-full", /No space left on device|Disk quota exceeded|ENOSPC|EDQUOT/],
  [
    "auth",
    /could not read (Username|Password)|Authentication failed|returned error: 40[13]|terminal prompts disabled|Permission denied \(publickey/,
  ],
  [
    "not-found",
    /returned error: (404|30\d)|repository '.*' not found|couldn't find remote ref|does not appear to be a git repository/,
  ],
  ["non-fast-forward", /\(non-fast-forward\)|\(fetch first\)|\(stale info\)/],
  ["refused", /\[remote rejected\]|pre-receive hook declined/],
  [
    "unreachable",
    /unable to access|RPC failed|early EOF|hung up unexpectedly|Could not resolve host|Failed to connect|Connection (refused|reset|timed out)|unexpected disconnect|Empty reply/,
  ],
];

/** `text` without the given secrets and without credentials written into URLs. */
export function redactSecrets(text: string, secrets: readonly string[]): string {
  const withoutSecrets = secrets.filter((secret) => secret !== "").reduce((t, s) => t.replaceAll(s, "***"), text);
  return withoutSecrets.replace(/(\w+:\/\/)[^\s/@']+@/g, "$1***@");
}
