export { type CommandWorkersOptions, createCommandWorkers } from "./command-workers.ts";
export { type CallbackOrder, runCallback } from "./run-callback.ts";
