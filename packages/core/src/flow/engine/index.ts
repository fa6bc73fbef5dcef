export { FlowEngine, type FlowEngineOptions } from "./flow-engine.ts";
export type { FlowAttempt, FlowWorkers, FollowedEnd, StopCause } from "./flow-workers.ts";
export { outputFolder } from "./gather-context.ts";
export { changeOf } from "./ready-command.ts";
export { type AgentRoom, roomForAgent } from "./room-for-agent.ts";
