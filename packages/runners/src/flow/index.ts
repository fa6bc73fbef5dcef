export { type CommandWorkersOptions, createCommandWorkers } from "./command-workers.ts";
