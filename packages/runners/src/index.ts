export { accountEnvironment, passedNames } from "./account-environment.ts";
export { createAnchorUpkeep } from "./anchor-upkeep.ts";
export { createRunArchive } from "./archive/run-archive.ts";
export { backendNamed, backends } from "./backends/index.ts";
export { keyNamesOf } from "./backends/key-by-name.ts";
export { createConversations } from "./conversations.ts";
export * from "./flow/index.ts";
export { type ProfileFolders, readProfileFolders, removeProfileFolders } from "./profile-folders.ts";
export { createProfileWorktrees, type ProfileWorktrees, type ProfileWorktreesOptions } from "./profile-worktrees.ts";
export * from "./prompt/index.ts";
export { type RecordedDiff, recordedDiff } from "./recorded-diff.ts";
export * from "./session/index.ts";
export { createSessionRunner, type SessionRunnerOptions } from "./session-runner.ts";
export { keepTemporaryFolder, makeTemporaryFolder, pruneTemporaryFolders } from "./temporary-folders.ts";
export {
  type FoundWorktree,
  GitError,
  listWorktrees,
  pathOfFound,
  type SavedWork,
  savedWork,
  sessionOfFound,
} from "./worktree/index.ts";
