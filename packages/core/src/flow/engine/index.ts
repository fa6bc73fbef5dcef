export { outputFolder } from "../context/output-folder.ts";
export type { FlowEngineOptions } from "./engine-options.ts";
export { FlowEngine } from "./flow-engine.ts";
export type { FlowAttempt, FlowWorkers, FollowedEnd, StopCause } from "./flow-workers.ts";
export { changeOf } from "./ready-command.ts";
export { type AgentRoom, roomForAgent } from "./room-for-agent.ts";
export type { CallBack, CallbackAnswer } from "./tell-owner.ts";
