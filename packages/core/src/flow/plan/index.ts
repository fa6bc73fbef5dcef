export { bounds as planBounds, judgeIdOf, ownFolder, taskIdPattern } from "./bounds.ts";
export { checkGraph } from "./check-graph.ts";
export { builtInDefaults } from "./defaults.ts";
export { durationOf, durationText } from "./duration.ts";
export { type ParsedPlan, type PlanText, parsePlan } from "./parse-plan.ts";
export { type FlowSetting, type ParsedChange, type ParsedTask, parseChange, parseTask } from "./parse-task.ts";
export { planKeys } from "./plan-keys.ts";
export type { PlanProblem } from "./problem.ts";
export { commandWorkers, runsCommands } from "./worker-rules.ts";
