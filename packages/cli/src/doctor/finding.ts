/**
 * Everything doctor can find, each with a section in docs/operating.md. A code stays what it is: scripts and people
 * look for it.
 */
export const findingCodes = [
  "check-failed",
  "check-timed-out",
  "node-too-old",
  "git-missing",
  "git-too-old",
  "git-feature-missing",
  "nothing-installed",
  "home-not-writable",
  "permissions-open",
  "secrets-open",
  "secrets-unreadable",
  "half-written",
  "profile-put-aside",
  "profile-invalid",
  "profile-overlap",
  "host-config-invalid",
  "checkout-missing",
  "verification-missing",
  "backend-program",
  "backend-setting",
  "backend-login",
  "backend-untested",
  "backend-model",
  "forge-token-missing",
  "forge-token-refused",
  "forge-unreachable",
  "forge-cooldown",
  "local-forge-stopped",
  "repository-missing",
  "repository-archived",
  "issues-disabled",
  "push-not-allowed",
  "remote-unreachable",
  "branch-missing",
  "label-missing",
  "rate-low",
  "clock-skew",
  "store-damaged",
  "store-inconsistent",
  "store-newer",
  "store-older",
  "store-unreadable",
  "daemon-dead",
  "daemon-silent",
  "daemon-version",
  "daemon-rules",
  "lease-stale",
  "session-lost",
  "session-unknown",
  "dead-letter",
  "task-dead",
  "paused",
  "flow-unworked",
  "flow-mailbox",
  "flow-worker",
  "notify-channel",
  "notify-failed",
  "orphan-process",
  "orphan-worktree",
  "orphan-run-folder",
  "foreign-folder",
  "stale-git-lock",
  "disk-low",
  "inodes-low",
  "version-link-broken",
  "version-broken",
  "version-differs",
  "service-broken",
  "service-not-lingering",
] as const;
export type FindingCode = (typeof findingCodes)[number];

export interface Finding {
  /** Of a check that found all well: the check's name. */
  readonly code: FindingCode | (string & {});
  readonly level: "ok" | "note" | "problem";
  /** What it is about: a path, a profile's id, a number; what the fix acts on. */
  readonly subject: string;
  readonly profileId: string | null;
  readonly found: string;
  /** What to do, in words; empty when all is well. */
  readonly fix: string;
  /** The command that does it, where there is one. */
  readonly command: string | null;
  /** `--fix` does it: nothing of anybody's work can be lost by it. */
  readonly safe: boolean;
}

type Said = Pick<Finding, "subject" | "found" | "fix"> & Partial<Pick<Finding, "profileId" | "command" | "safe">>;

/** Something is not well, and stays so until somebody acts. */
export const problem = (code: FindingCode, said: Said): Finding => ({ ...standard, ...said, code, level: "problem" });

/** Worth knowing, and no reason for anything to stand still. */
export const note = (code: FindingCode, said: Said): Finding => ({ ...standard, ...said, code, level: "note" });

export const ok = (code: string, subject: string, found: string): Finding => ({
  ...standard,
  ...{ code, level: "ok", subject, found, fix: "" },
});

const standard = { profileId: null, command: null, safe: false } as const;

/** A path as one word of a shell command. */
export const quoted = (path: string): string =>
  /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
