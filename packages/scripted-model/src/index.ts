export type { Asked, OfferedTool } from "./asked.ts";
export type { LoggedRequest } from "./request-log.ts";
export { isScenario, type Scenario, scenarios } from "./scenarios.ts";
export type { Script } from "./script.ts";
export { type ScriptedModel, type ScriptedModelOptions, startScriptedModel } from "./start.ts";
export { type Wish, writing } from "./wish.ts";
