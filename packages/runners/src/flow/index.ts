export { type AgentWorkersOptions, createAgentWorkers } from "./agent-workers.ts";
export { type CommandWorkersOptions, createCommandWorkers } from "./command-workers.ts";
export { joinWorkers } from "./join-workers.ts";
export { type CallbackOrder, runCallback } from "./run-callback.ts";
export { withWorktrees } from "./with-worktrees.ts";
