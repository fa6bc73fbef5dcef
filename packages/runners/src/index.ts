export { createRunArchive } from "./archive/run-archive.ts";
export { backendNamed, backends } from "./backends/index.ts";
export { createConversations } from "./conversations.ts";
export { createProfileWorktrees, type ProfileWorktrees, type ProfileWorktreesOptions } from "./profile-worktrees.ts";
export * from "./prompt/index.ts";
export { type RecordedDiff, recordedDiff } from "./recorded-diff.ts";
export * from "./session/index.ts";
export { createSessionRunner, type SessionRunnerOptions } from "./session-runner.ts";
export { GitError } from "./worktree/index.ts";
